#include "events/log/memory_log.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/check.h"

namespace conntrail {

MemoryLog::MemoryLog(uint16_t partition_count, const Clock& clock, const Uuid& log_id)
    : log_id_(log_id.is_nil() ? Uuid::NewTimeOrdered(clock.Now()) : log_id),
      clock_(clock),
      partitions_(partition_count) {
  CONNTRAIL_CHECK(partition_count > 0);
}

MemoryLog::Partition& MemoryLog::At(PartitionId partition) {
  CONNTRAIL_CHECK(partition.value < partitions_.size());
  return partitions_[partition.value];
}

Result<Offset> MemoryLog::Append(PartitionId partition, const OrgId& key, ByteSpan payload) {
  return AppendAll(partition, key, {payload});
}

Result<Offset> MemoryLog::AppendAll(PartitionId partition, const OrgId& key,
                                    const std::vector<ByteSpan>& payloads) {
  CONNTRAIL_CHECK(!payloads.empty());
  Partition& p = At(partition);
  const std::lock_guard lock(p.mutex);
  const Offset first(p.records.size());
  UnixMs time_ms = clock_.Now();
  if (!p.records.empty()) time_ms = std::max(time_ms, p.records.back().append_time_ms);
  for (const ByteSpan payload : payloads) {
    CONNTRAIL_CHECK(payload.size() <= kRecordBytesMax);
    p.records.push_back({time_ms, key, ToBytes(payload)});
  }
  p.grown.notify_all();
  return first;
}

Result<ReadBatch> MemoryLog::Read(PartitionId partition, Offset from, size_t bytes_max) {
  Partition& p = At(partition);
  const std::lock_guard lock(p.mutex);
  if (from.value > p.records.size()) {
    return Status::InvalidArgument(
        fmt::format("offset {} is beyond the end, {}", from.value, p.records.size()));
  }
  size_t bytes = 0;
  size_t end = from.value;
  for (; end < p.records.size(); ++end) {
    const size_t size = p.records[end].payload.size();
    if (end > from.value && bytes + size > bytes_max) break;
    bytes += size;
  }

  ReadBatch batch;
  batch.storage.reserve(bytes);  // the views below need an address that stays
  batch.records.reserve(end - from.value);
  for (size_t i = from.value; i < end; ++i) {
    const Stored& stored = p.records[i];
    const size_t at = batch.storage.size();
    batch.storage.insert(batch.storage.end(), stored.payload.begin(), stored.payload.end());
    batch.records.push_back({Offset(i), stored.append_time_ms, stored.key,
                             ByteSpan(batch.storage.data() + at, stored.payload.size())});
  }
  return batch;
}

Result<Offset> MemoryLog::End(PartitionId partition) {
  Partition& p = At(partition);
  const std::lock_guard lock(p.mutex);
  return Offset(p.records.size());
}

bool MemoryLog::WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) {
  Partition& p = At(partition);
  std::unique_lock lock(p.mutex);
  return p.grown.wait_for(lock, wait_max, [&] { return p.records.size() > offset.value; });
}

}  // namespace conntrail
