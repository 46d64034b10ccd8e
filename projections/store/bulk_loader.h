#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>

#include "projections/store/rocksdb_store.h"

namespace conntrail {

struct BulkLoaderOptions {
  size_t memory_bytes_max = size_t{256} << 20;  // of rows that wait; Finish takes some 100 MB more
  int threads = 2;  // for Finish; before it one works besides the caller's
  RocksDbStoreOptions store = {};
};

// Makes a whole RocksDbStore at once, for a rebuild: far less work than writing it batch by batch,
// because every row is compressed once and no file is ever compacted.
//
// Rows are collected in memory, sorted and put aside as runs; Finish merges the runs into the
// final, non-overlapping files. That takes temporary space in the directory, about as much as all
// rows take uncompressed.
//
// The directory is a store only after Finish has returned ok. After anything else, a crash too,
// both Create and RocksDbStore::Open refuse it; nothing in it is of use. To put a finished
// directory in the place of an older one is up to the caller.
//
// Thread-safety: one thread.
class BulkLoader {
 public:
  using Options = BulkLoaderOptions;

  // Begins a load into `dir`, which is made if there is none.
  // kFailedPrecondition: `dir` is not empty.
  static Result<std::unique_ptr<BulkLoader>> Create(const std::filesystem::path& dir,
                                                    const Options& options = {});

  // True if a load into `dir` was begun and never finished.
  static bool IsUnfinished(const std::filesystem::path& dir);

  // Leaves the directory unfinished if Finish was not called.
  ~BulkLoader();

  // Where rows are added; of several with one key the last added stays. REQUIRES: no deletes.
  WriteBatch& rows();

  // To be called now and then while rows are added: puts them aside when they fill their share of
  // the memory. An error ends the load; it may stem from rows put aside earlier.
  Status PutAsideIfFull();

  // Makes `dir` a store that has applied `next` of each partition, durably. Nothing may be called
  // afterwards but the destructor.
  // REQUIRES: `next` names at least one partition.
  Status Finish(const std::map<PartitionId, Offset>& next);

 private:
  struct Load;
  explicit BulkLoader(std::unique_ptr<Load> load);

  std::unique_ptr<Load> load_;
};

}  // namespace conntrail
