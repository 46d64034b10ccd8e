#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "projections/store/store.h"

namespace conntrail {

// A Store that lives as long as the process: for tests, and for asking "what if" without a disk.
//
// A snapshot is free; the first write to a family after a snapshot copies that family. Flush does
// nothing. Nothing ever fails.
class MemoryStore final : public Store {
 public:
  // std::string compares as unsigned bytes: char_traits<char> does, whatever the sign of char.
  using Rows = std::map<std::string, std::string, std::less<>>;

  MemoryStore();

  Status Write(const WriteBatch& batch, PartitionId partition, Offset next) override;
  Result<Offset> Applied(PartitionId partition) const override;
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override;
  Status Flush() override { return Status::Ok(); }

 private:
  class Snapshot;
  using Families = std::array<std::shared_ptr<Rows>, kFamilyCount>;

  Rows& Writable(Family family);  // REQUIRES: mutex_ is held

  mutable std::mutex mutex_;
  Families families_;  // guarded by mutex_; rows that a snapshot shares are const
  std::map<PartitionId, Offset> applied_;  // guarded by mutex_
};

}  // namespace conntrail
