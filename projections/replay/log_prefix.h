#pragma once

#include <functional>

#include "events/log/event_log.h"

namespace conntrail {

// One partition of another log as if it ended earlier. For reading.
class LogPrefix final : public EventLog {
 public:
  // `log` must outlive it. `passed` may be null; it gets how many records and bytes of them were
  // read, each time, and may wait; false stops: Read is kUnavailable then.
  using Passed = std::function<bool(uint64_t records, uint64_t bytes)>;
  LogPrefix(EventLog& log, Offset end, Passed passed)
      : log_(log), end_(end), passed_(std::move(passed)) {}

  // REQUIRES: the log has so many records.
  void set_end(Offset end) { end_ = end; }
  // What Read gives at most, whatever it is asked for; 0: no limit.
  void set_read_bytes_max(size_t bytes) { read_bytes_max_ = bytes; }

  Uuid log_id() const override { return log_.log_id(); }
  uint16_t partition_count() const override { return log_.partition_count(); }
  Result<Offset> Append(PartitionId, const OrgId&, ByteSpan) override;
  Result<Offset> AppendAll(PartitionId, const OrgId&, const std::vector<ByteSpan>&) override;
  Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) override;
  Result<Offset> End(PartitionId) override { return end_; }
  bool WaitFor(PartitionId, Offset offset, std::chrono::milliseconds) override {
    return offset < end_;
  }

 private:
  EventLog& log_;
  Offset end_;
  size_t read_bytes_max_ = 0;
  const Passed passed_;
};

}  // namespace conntrail
