#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "projections/store/rocksdb_store.h"
#include "projections/store/row_source.h"

namespace conntrail {

// The files of one family of a store to be, in ascending order of their keys.
struct FamilyFiles {
  Family family = Family::kState;
  std::vector<std::string> paths;
};

// Files that stay as they are need compressing, those that are soon merged do not.
enum class FileUse { kLasting, kSoonMerged };

// Writes all of `rows`, and behind them the watermarks, to new files in `dir`.
Result<FamilyFiles> WriteFamilyFiles(Family family, RowSource& rows,
                                     const std::map<PartitionId, Offset>& next,
                                     const std::filesystem::path& dir,
                                     const RocksDbStore::Options& options, FileUse use);

// Makes a new store in `dir` of the files of all families. The files are moved, not copied.
Status AssembleStore(const std::filesystem::path& dir, const std::vector<FamilyFiles>& files,
                     const RocksDbStore::Options& options);

}  // namespace conntrail
