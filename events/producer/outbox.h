#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events/base/clock.h"
#include "events/event.h"
#include "events/log/event_log.h"
#include "events/log/file.h"

namespace conntrail {

class OutboxFiles;
class OutboxSender;

// Opens the log that an outbox sends to. Called on the outbox's own thread, again after each
// failure and whenever the log takes no records any more. KafkaTarget (kafka_target.h) makes one.
using OutboxTarget = std::function<Result<std::unique_ptr<EventLog>>()>;

struct OutboxOptions {
  // The name of this producer, 1 to 200 bytes of text; the outbox adds an id of its own to it.
  std::string producer;
  // Its observations count for the time at which they were recorded (right::kBackfill), unless the
  // org's trail has already gone on. Without it the time of arrival counts, and each is marked
  // late.
  bool backfill = true;

  // Where an org lives. Empty: in partition 0 of a log that has no other. Called on any thread,
  // quick; a failure refuses the event, or, later, makes sending wait.
  std::function<Result<PartitionId>(const OrgId&)> partition_of;

  uint64_t bytes_max = uint64_t{1} << 30;     // on disk, about; more is refused
  uint64_t part_bytes = 64 << 20;             // what was sent goes in parts of about that size; at
                                              // most an eighth of bytes_max
  size_t batch_bytes = 512 << 10;             // sent at once, about
  std::chrono::milliseconds retry_wait{200};  // after a failure; doubles with each one more
  std::chrono::milliseconds retry_wait_max{10'000};
  std::chrono::milliseconds progress_every{1'000};  // how often is noted how far sending has come

  const Clock* clock = &Clock::System();  // must outlive the outbox
  std::function<void(const std::string&)> diagnostics = [](const std::string&) {};  // any thread
  SyncCall sync;  // replaces fdatasync(2) and fsync(2); for tests and benchmarks
};

// What an event that was recorded can be found by.
struct OutboxReceipt {
  EventId id;
  uint64_t sequence = 0;  // the producer's number for it, in its org

  bool operator==(const OutboxReceipt&) const = default;
};

struct OutboxStats {
  uint64_t recorded = 0;      // since Open
  uint64_t sent = 0;          // acknowledged by the log since Open
  uint64_t sent_again = 0;    // of what was handed to the log: not for the first time since Open
  uint64_t waiting = 0;       // recorded, not yet acknowledged by the log
  UnixMs oldest_at_ms = 0;    // when the first of those was recorded; 0: none, or not known yet
  uint64_t disk_bytes = 0;    // about
  bool is_connected = false;  // the log is open
  std::string last_error;     // of sending; "" once it goes on
};

// An Outbox is the way of a producer to the log that does not make it wait for the log: what it has
// recorded is durable in a directory of this machine, and is sent from there in the background, in
// order, until the log has acknowledged it.
//
// What holds:
//   - An event for which Record has returned a receipt reaches the log, whatever crashes meanwhile,
//     as long as the directory is there and somebody opens the outbox again.
//   - It may reach the log more than once, and is applied once: each copy has the same event id,
//     producer and number, which the fold knows as a duplicate for ever.
//   - Events of one org reach the log in the order in which they were recorded, if the log keeps
//   the
//     order of one appender (KafkaTarget's does).
//   - Nothing is skipped: what the log does not take stays first in line, and stats says why.
//
// An event for which Record failed with kIo may have been recorded all the same; give it an id of
// your own and record it again, and the two are one.
//
// The producer in the records is "NAME/ID"; ID is made with the directory. Numbers are counted for
// each org, from 1, without gaps. So a directory is never copied, and never restored from an older
// copy: numbers would be given twice, and the second event taken for a duplicate of the first.
// Whoever has lost it makes a new one, which has another id.
//
// One process at a time has the directory open.
// Thread-safety: all methods but Close and the destructor may be called from any thread.
class Outbox {
 public:
  // Opens the outbox in `directory`, making it if there is none; its parent must be there. Does not
  // wait for the log: `target` is called later. kInvalidArgument: options out of range.
  // kFailedPrecondition: another process has it open, or it is another producer's. kCorruption: the
  // directory is not as it was left; the message names the place.
  static Result<std::unique_ptr<Outbox>> Open(const std::string& directory, OutboxTarget target,
                                              OutboxOptions options);

  // As Close(0), if that has not been called.
  ~Outbox();

  // Makes `event` durable on this machine and returns its receipt. Waits for the disk only; calls
  // at the same time share a sync.
  //
  // The outbox sets authority, producer, producer_sequence, rights and log_tag; the event's id if
  // it has none, and recorded_at_ms if there is none. Everything else is the caller's. Secrets must
  // be fingerprints already (events/secret/fingerprint.h).
  //
  // Nothing was recorded on: kInvalidArgument (not valid, too large, a type that no producer may
  // report, a text in the shape of a secret, an unspecified authority aside another than
  // observation; the message names the place), kNotFound or others from partition_of,
  // kFailedPrecondition (the outbox is full or closed). kIo: the disk; see above.
  Result<OutboxReceipt> Record(Event event);

  // The same for several, which share a sync and are kept or refused together. After a crash
  // meanwhile a prefix may be there.
  Result<std::vector<OutboxReceipt>> RecordAll(std::vector<Event> events);

  // Waits until everything that was recorded before the call is acknowledged by the log; false if
  // `wait_max` has passed first.
  bool Flush(std::chrono::milliseconds wait_max);

  // Takes no more events, waits at most that long for what is waiting, and ends the thread. An
  // append that is under way is awaited beyond that (KafkaSettings::append_wait). Returns how many
  // events still wait; they are sent when the outbox is opened again. REQUIRES: one call.
  uint64_t Close(std::chrono::milliseconds wait_max);

  OutboxStats stats() const;

  // "NAME/ID", as it stands in the records.
  const std::string& producer() const;

 private:
  Outbox(std::unique_ptr<OutboxFiles> files, OutboxTarget target, OutboxOptions options);
  Result<Event> Prepare(Event event) const;

  const OutboxOptions options_;
  const std::unique_ptr<OutboxFiles> files_;
  const std::unique_ptr<OutboxSender> sender_;
};

}  // namespace conntrail
