#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "events/base/clock.h"
#include "events/log/event_log.h"
#include "events/log/log_writer.h"

namespace conntrail {

struct EmbeddedLogOptions {
  const Clock* clock = &Clock::System();  // must outlive the log
  Uuid log_id;                // of a log that is made, or must be the one that is there; nil: any
  bool opens_closed = false;  // also a log that closed_mark.h says must not be used: to copy it
  uint64_t segment_bytes_max = 64 << 20;  // a segment that has reached this gets a successor
  uint64_t take_ahead_bytes = 4 << 20;    // space taken before it is needed; 0: none
  uint64_t group_bytes_max = 4 << 20;     // payload bytes that one sync makes durable, about
  std::function<void(const std::string&)> diagnostics;  // called by Open only; may be empty

  // Replaces fdatasync(2) and fsync(2): tests make it fail, benchmarks leave it out.
  SyncCall sync;
};

// An EventLog of one partition in a directory of this machine (log_directory.h), for one process.
//
// Appends that wait at the same time share one sync. After a write that failed (disk full, say) the
// log goes on when the system lets it; after a sync that failed it refuses appends with kIo until
// it is opened again. Reads go on in both cases.
class EmbeddedLog final : public EventLog {
 public:
  struct Stats {
    uint64_t records = 0;  // appended since Open
    uint64_t syncs = 0;    // that made them durable; below `records` if they were shared
  };

  // Opens the log in `directory`, making both if there is none.
  //
  // What a crash left of a write at the very end is cut off, and diagnostics says how many bytes of
  // which file; segment_scan.h has the rule. kCorruption: anything else that is not as it was
  // written; the message names the offset, file and position, or the segment that is missing or
  // does not belong here. Damage inside earlier segments is found by Read and Verify. A last
  // segment that was removed whole leaves no trace here; whoever remembers End() notices.
  // kFailedPrecondition: a process, this one included, has the log open; or the log is closed, and
  // the message says why.
  static Result<std::unique_ptr<EmbeddedLog>> Open(const std::string& directory,
                                                   EmbeddedLogOptions options = {});

  // REQUIRES: no call is running.
  ~EmbeddedLog() override;

  Uuid log_id() const override { return log_id_; }
  uint16_t partition_count() const override { return 1; }

  Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) override;
  Result<Offset> AppendAll(PartitionId partition, const OrgId& key,
                           const std::vector<ByteSpan>& payloads) override;
  // All of them share one sync; if it fails, none is acknowledged.
  std::vector<Result<Offset>> AppendEach(PartitionId partition,
                                         std::span<const NewRecord> records) override;
  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override;
  Result<Offset> End(PartitionId partition) override;
  bool WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) override;

  // Appends copies of records of another log, which follow on End(), with the times and offsets
  // that they have there; such times may fall. Ok: all are durable. Same failures as Append.
  Status AppendCopies(std::span<const LogRecord> records);

  // Reads every record once. kCorruption as Read.
  Status Verify();

  Stats stats() const;

 private:
  struct Waiter;
  using Segments = std::vector<std::shared_ptr<Segment>>;

  EmbeddedLog(File lock, const Uuid& log_id, uint64_t group_bytes_max, Segments segments,
              std::unique_ptr<LogWriter> writer);

  Status Submit(std::span<AppendRequest> requests);
  void WriteNextGroup();
  void AwaitCompany();
  std::vector<Waiter*> NextGroup() const;
  void Publish(uint64_t records);

  const File lock_;
  const Uuid log_id_;
  const uint64_t group_bytes_max_;

  // Used without mutex_ by the thread whose waiter is at the front of queue_.
  const std::unique_ptr<LogWriter> writer_;

  mutable std::mutex mutex_;
  std::condition_variable grown_;
  // Guarded by mutex_:
  std::deque<Waiter*> queue_;
  size_t last_group_size_ = 0;  // in waiters
  Segments segments_;
  SegmentLimit end_;  // of what is durable, in the last segment
  Stats stats_;
};

}  // namespace conntrail
