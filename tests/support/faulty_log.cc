#include "tests/support/faulty_log.h"

#include <algorithm>
#include <utility>

#include "events/base/check.h"

namespace conntrail {

void FaultyLog::FailNext(AppendFault fault) {
  const std::lock_guard lock(mutex_);
  next_fault_ = fault;
}

void FaultyLog::Crash(size_t survivors_max) {
  const std::lock_guard lock(mutex_);
  Settle(std::min(survivors_max, tail_.size()));
  tail_.clear();
}

size_t FaultyLog::in_doubt() const {
  const std::lock_guard lock(mutex_);
  return tail_.size();
}

void FaultyLog::Settle(size_t records) {
  for (size_t i = 0; i < records; ++i) {
    const InDoubt& record = tail_[i];
    CONNTRAIL_CHECK(inner_.Append(record.partition, record.key, record.payload).ok());
  }
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<ptrdiff_t>(records));
}

Result<Offset> FaultyLog::Append(PartitionId partition, const OrgId& key, ByteSpan payload) {
  return AppendAll(partition, key, {payload});
}

Result<Offset> FaultyLog::AppendAll(PartitionId partition, const OrgId& key,
                                    const std::vector<ByteSpan>& payloads) {
  const std::lock_guard lock(mutex_);
  const AppendFault fault = std::exchange(next_fault_, AppendFault::kNone);
  if (fault == AppendFault::kInDoubt) {
    for (const ByteSpan payload : payloads) tail_.push_back({partition, key, ToBytes(payload)});
  }
  if (fault == AppendFault::kNone || fault == AppendFault::kKept) {
    Settle(tail_.size());
    Result<Offset> first = inner_.AppendAll(partition, key, payloads);
    if (fault == AppendFault::kNone) return first;
  }
  return Status::Unavailable("a fault that the test asked for");
}

Result<ReadBatch> FaultyLog::Read(PartitionId partition, Offset from, size_t bytes_max) {
  return inner_.Read(partition, from, bytes_max);
}

Result<Offset> FaultyLog::End(PartitionId partition) { return inner_.End(partition); }

bool FaultyLog::WaitFor(PartitionId partition, Offset offset, std::chrono::milliseconds wait_max) {
  return inner_.WaitFor(partition, offset, wait_max);
}

}  // namespace conntrail
