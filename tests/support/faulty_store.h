#pragma once

#include <memory>
#include <vector>

#include "projections/store/memory_store.h"

namespace conntrail {

// How a write to a FaultyStore fails: with kIo, but for kNone.
enum class WriteFault {
  kNone,
  kLost,  // nothing is written
  kKept,  // all is written, and only the answer is lost
};

// A store in memory that fails when it is told to, and whose process can die: then it is as it was
// after some write since the last Flush, as the contract of Store allows.
class FaultyStore final : public Store {
 public:
  FaultyStore();

  // Applies to the write after `writes` more.
  void FailAfter(size_t writes, WriteFault fault);

  // Of the writes since the last Flush the first `survivors_max` remain, the others are lost.
  // REQUIRES: no snapshot is alive.
  void Crash(size_t survivors_max = 0);
  size_t unflushed() const { return unflushed_.size(); }

  Status Write(const WriteBatch& batch, PartitionId partition, Offset next) override;
  Result<Offset> Applied(PartitionId partition) const override;
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override;
  Status Flush() override;

 private:
  struct Written {
    WriteBatch batch;
    PartitionId partition;
    Offset next;
  };
  void MakeDurable(size_t writes);

  std::unique_ptr<MemoryStore> durable_;
  std::unique_ptr<MemoryStore> visible_;
  std::vector<Written> unflushed_;
  WriteFault fault_ = WriteFault::kNone;
  size_t writes_before_fault_ = 0;
};

}  // namespace conntrail
