#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "events/log/embedded_log.h"
#include "events/producer/outbox.h"
#include "events/producer/outbox_format.h"

// Private to this folder.
namespace conntrail {

// Events that wait, all of one part.
struct OutboxBatch {
  ReadBatch read;
  OutboxPlace first;  // of the first of them
  OutboxPlace after;  // behind the last
};

// The directory of an outbox (outbox_format.h): numbers and keeps events, reads them, forgets what
// was sent.
//
// Thread-safety: Append is for one thread at a time, and so are Read and NoteSent; the others may
// be called from any thread.
class OutboxFiles {
 public:
  // As Outbox::Open.
  static Result<std::unique_ptr<OutboxFiles>> Open(const std::string& directory,
                                                   const OutboxOptions& options);

  const std::string& producer() const { return producer_; }
  // As it was when this was opened.
  const OutboxProgress& progress_at_open() const { return progress_; }
  uint64_t waiting_at_open() const { return waiting_; }
  uint64_t disk_bytes() const;

  // Gives each event the next number of its org and makes all durable, in their order. If this is
  // not ok, none has a number: kIo, or kFailedPrecondition if there is no room.
  Status Append(const std::vector<Event*>& events);

  // From `from` on; without events if nothing is there.
  Result<OutboxBatch> Read(OutboxPlace from, size_t bytes_max);

  // Notes durably how far sending has come, and removes parts that lie before it.
  Status NoteSent(const OutboxProgress& progress);

 private:
  struct Part {
    std::shared_ptr<EmbeddedLog> log;
    uint64_t heads = 0;
    uint64_t bytes = 0;
  };

  OutboxFiles(std::string directory, File lock, const OutboxOptions& options);
  Result<std::vector<uint64_t>> ListParts() const;
  Status ReadProgress();
  Status OpenParts(std::vector<uint64_t> numbers);
  Result<Part> OpenPart(uint64_t number) const;
  Status MakePart(uint64_t number);
  Status TakeHeads(Part& part);
  Status TakeNumbers(const Part& part);
  Status CountWaiting();
  Status MakeRoom(uint64_t bytes);
  uint64_t LastNumber(const OrgId& org) const;
  Status Remove(const std::string& name) const;
  Status SyncDirectory(const std::string& directory) const;

  const std::string directory_;
  const File lock_;
  const std::string name_;
  const uint64_t bytes_max_;
  const uint64_t part_bytes_;
  const EmbeddedLogOptions log_options_;

  // Set by Open:
  std::string producer_;
  OutboxProgress progress_;
  uint64_t waiting_ = 0;

  LastNumbers numbers_;  // Append's
  mutable std::mutex mutex_;
  std::map<uint64_t, Part> parts_;  // guarded by mutex_; events go to the last one
};

}  // namespace conntrail
