#pragma once

#include <array>
#include <memory>

#include "projections/store/store.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace conntrail {

using FamilyHandles = std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount>;

// A snapshot of `database` as of now; both arguments must outlive it. Internal to RocksDbStore.
std::unique_ptr<StoreSnapshot> NewRocksDbSnapshot(rocksdb::DB& database,
                                                  const FamilyHandles& families);

}  // namespace conntrail
