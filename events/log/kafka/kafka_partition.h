#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "events/log/event_log.h"
#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_cursor.h"

// Private to this folder: it names librdkafka's types.
namespace conntrail {

// Reads one partition of a topic as a log: dense offsets, nothing skipped, and halted for good as
// soon as the topic is not the one that it was.
//
// Thread-safety: all methods may be called from any thread.
class KafkaPartition {
 public:
  // `settings` and `client` must outlive it.
  KafkaPartition(const KafkaSettings& settings, const KafkaClient& client, PartitionId partition,
                 Offset end)
      : settings_(settings), client_(client), partition_(partition), known_end_(end.value) {}

  // As EventLog promises.
  Result<ReadBatch> Read(Offset from, size_t bytes_max);
  Result<Offset> End();
  // Also true if reading on is no more possible: Read tells why.
  bool WaitFor(Offset offset, std::chrono::milliseconds wait_max);

  // The end as far as it is known here; the log may have grown since.
  Offset known_end() const { return Offset(known_end_.load()); }
  // Asks the leader.
  Result<Offset> AskEnd(std::chrono::milliseconds wait_max);

  // A record appended when the end was at `floor` or behind it got `offset`. An error says that
  // this cannot be, and halts.
  Status NoteAppended(Offset offset, Offset floor);

  // The last record that was read, to be compared with what the brokers have.
  struct Anchor {
    Offset offset;
    std::array<uint8_t, 32> hash{};  // SHA-256 of its payload
  };
  std::optional<Anchor> anchor() const;

  // While the brokers are known to be away, End does not wait for them.
  void NoteAway(bool is_away) { is_away_ = is_away; }

  // The first reason stands.
  void Halt(const Status& why);
  Status halted() const;

 private:
  using Clock = std::chrono::steady_clock;
  std::unique_ptr<KafkaCursor> TakeIdle(Offset next);
  void PutBack(std::unique_ptr<KafkaCursor> cursor);
  Result<std::unique_ptr<KafkaCursor>> AwaitRecords(std::unique_ptr<KafkaCursor> cursor,
                                                    Offset from);
  bool WaitOnce(Offset offset, std::chrono::milliseconds wait_max);
  Status Judge(const CursorFault& fault, Offset at);
  Status JudgeRange(const CursorFault& fault, Offset at);
  Status HaltWith(Status why);
  void RaiseEnd(Offset end);
  void NoteHeard(const KafkaCursor& cursor);

  const KafkaSettings& settings_;
  const KafkaClient& client_;
  const PartitionId partition_;
  std::atomic<uint64_t> known_end_;
  std::atomic<bool> is_away_{false};

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<std::unique_ptr<KafkaCursor>> idle_;  // the one used last at the back
  Clock::time_point heard_at_;
  std::optional<Anchor> anchor_;
  Status halted_;
};

}  // namespace conntrail
