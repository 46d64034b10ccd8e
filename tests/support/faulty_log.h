#pragma once

#include <mutex>
#include <vector>

#include "events/log/event_log.h"

namespace conntrail {

// How an append to a FaultyLog fails: with kUnavailable each time, but for kNone.
enum class AppendFault {
  kNone,
  kLost,     // the record never reaches the log
  kKept,     // it does, and only the answer is lost
  kInDoubt,  // it is on its way: it reaches the log before the next one does, unless there is a
             // crash first
};

// A log that fails when it is told to. It keeps the contract of EventLog: what it has acknowledged
// is in `inner`, and Read returns nothing else.
class FaultyLog final : public EventLog {
 public:
  // `inner` must outlive this.
  explicit FaultyLog(EventLog& inner) : inner_(inner) {}

  // Applies to the next append only.
  void FailNext(AppendFault fault);

  // The process of the log dies and comes back: of the records in doubt the first `survivors_max`
  // remain and are durable now; the others are lost.
  void Crash(size_t survivors_max);
  size_t in_doubt() const;

  Uuid log_id() const override { return inner_.log_id(); }
  uint16_t partition_count() const override { return inner_.partition_count(); }
  Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) override;
  Result<Offset> AppendAll(PartitionId partition, const OrgId& key,
                           const std::vector<ByteSpan>& payloads) override;
  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override;
  Result<Offset> End(PartitionId partition) override;
  bool WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) override;

 private:
  struct InDoubt {
    PartitionId partition;
    OrgId key;
    Bytes payload;
  };
  void Settle(size_t records);  // REQUIRES: mutex_ is held

  EventLog& inner_;
  mutable std::mutex mutex_;
  AppendFault next_fault_ = AppendFault::kNone;  // guarded by mutex_
  std::vector<InDoubt> tail_;                    // guarded by mutex_
};

}  // namespace conntrail
