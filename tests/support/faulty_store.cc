#include "tests/support/faulty_store.h"

#include <algorithm>
#include <utility>

#include "events/base/check.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

// REQUIRES: `from` is of one partition, 0.
std::unique_ptr<MemoryStore> CopyOf(const MemoryStore& from) {
  auto copy = std::make_unique<MemoryStore>();
  WriteBatch rows;
  for (const Family family : kFamilies) {
    for (const auto& [key, value] : RowsOf(from, family)) rows.Put(family, key, value);
  }
  const Offset next = from.Applied(PartitionId(0)).value();
  if (next.value > 0) CONNTRAIL_CHECK(copy->Write(rows, PartitionId(0), next).ok());
  return copy;
}

}  // namespace

FaultyStore::FaultyStore()
    : durable_(std::make_unique<MemoryStore>()), visible_(std::make_unique<MemoryStore>()) {}

void FaultyStore::FailAfter(size_t writes, WriteFault fault) {
  writes_before_fault_ = writes;
  fault_ = fault;
}

Status FaultyStore::Write(const WriteBatch& batch, PartitionId partition, Offset next) {
  WriteFault fault = WriteFault::kNone;
  if (fault_ != WriteFault::kNone && writes_before_fault_-- == 0) {
    fault = std::exchange(fault_, WriteFault::kNone);
  }
  if (fault != WriteFault::kLost) {
    unflushed_.push_back({{}, partition, next});
    unflushed_.back().batch.Append(batch);
    CONNTRAIL_CHECK(visible_->Write(batch, partition, next).ok());
  }
  return fault == WriteFault::kNone ? Status::Ok() : Status::Io("a fault that the test asked for");
}

Result<Offset> FaultyStore::Applied(PartitionId partition) const {
  return visible_->Applied(partition);
}

std::unique_ptr<StoreSnapshot> FaultyStore::NewSnapshot() const { return visible_->NewSnapshot(); }

void FaultyStore::MakeDurable(size_t writes) {
  for (size_t i = 0; i < writes; ++i) {
    const Written& written = unflushed_[i];
    CONNTRAIL_CHECK(durable_->Write(written.batch, written.partition, written.next).ok());
  }
  unflushed_.clear();
}

Status FaultyStore::Flush() {
  MakeDurable(unflushed_.size());
  return Status::Ok();
}

void FaultyStore::Crash(size_t survivors_max) {
  MakeDurable(std::min(survivors_max, unflushed_.size()));
  visible_ = CopyOf(*durable_);
  fault_ = WriteFault::kNone;
}

}  // namespace conntrail
