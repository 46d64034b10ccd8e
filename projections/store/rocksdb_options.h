#pragma once

#include <memory>

#include "projections/store/rocksdb_store.h"

namespace rocksdb {
class Cache;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace conntrail {

// How our directories are laid out; what is set here and why was measured by
// tests/bench/store_bench.
//
// Internal to projections/store: RocksDbStore and BulkLoader must agree on it.
rocksdb::DBOptions DatabaseOptions(const RocksDbStore::Options& options,
                                   const std::filesystem::path& dir);
rocksdb::ColumnFamilyOptions FamilyOptions(Family family, const RocksDbStore::Options& options,
                                           const std::shared_ptr<rocksdb::Cache>& block_cache);

}  // namespace conntrail
