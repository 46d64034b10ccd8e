#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "events/base/clock.h"
#include "events/log/event_log.h"

namespace conntrail {

// An EventLog in memory, for tests and simulation: it never fails, and is gone with the process.
class MemoryLog final : public EventLog {
 public:
  // A nil `log_id` stands for a new one. `clock` must outlive the log.
  MemoryLog(uint16_t partition_count, const Clock& clock, const Uuid& log_id = {});

  Uuid log_id() const override { return log_id_; }
  uint16_t partition_count() const override { return static_cast<uint16_t>(partitions_.size()); }

  Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) override;
  Result<Offset> AppendAll(PartitionId partition, const OrgId& key,
                           const std::vector<ByteSpan>& payloads) override;
  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override;
  Result<Offset> End(PartitionId partition) override;
  bool WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) override;

 private:
  struct Stored {
    UnixMs append_time_ms = 0;
    OrgId key;
    Bytes payload;
  };
  struct Partition {
    std::mutex mutex;
    std::condition_variable grown;
    std::deque<Stored> records;  // guarded by mutex
  };

  Partition& At(PartitionId partition);

  const Uuid log_id_;
  const Clock& clock_;
  std::deque<Partition> partitions_;
};

}  // namespace conntrail
