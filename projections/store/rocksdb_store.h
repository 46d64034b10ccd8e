#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "projections/store/store.h"

namespace conntrail {

struct RocksDbStoreOptions {
  size_t write_buffer_bytes = size_t{16} << 20;        // of one family, until it is flushed
  size_t write_buffers_bytes_max = size_t{128} << 20;  // of all families together
  size_t block_cache_bytes = size_t{256} << 20;        // uncompressed blocks of all families
  size_t ingest_bytes_min = size_t{16} << 20;          // see RocksDbStore::Write
  int background_jobs_max = 2;                         // threads that flush and compact
};

// A Store in a directory, one column family of RocksDB a Family.
//
// It keeps no write-ahead log: the event log is one. After a crash it holds what was there at some
// earlier flush; Applied tells how far. A failure of a flush or a compaction in the background is
// returned by the next Write.
//
// Rows that were damaged on disk are never returned: Get and the iterator report kCorruption.
class RocksDbStore final : public Store {
 public:
  using Options = RocksDbStoreOptions;

  // Opens the store in `dir`, or makes an empty one if there is none.
  //
  // kFailedPrecondition: another process has it open, or a bulk load into it was never finished.
  // kCorruption: it is damaged, or files of it are missing.
  static Result<std::unique_ptr<RocksDbStore>> Open(const std::filesystem::path& dir,
                                                    const Options& options = {});

  // Whether the store in `dir` has the families that Open expects, and no others: Open would add
  // what is missing, and no older build could read it then. Changes nothing. kCorruption: it has
  // others, or cannot be read.
  static Status CheckFamilies(const std::filesystem::path& dir);

  // Closes the store if Close was not called; what could not be flushed is replayed from the log.
  ~RocksDbStore() override;

  // Flushes and lets go of the directory. Only the destructor may be called afterwards.
  // REQUIRES: no snapshot is alive.
  Status Close();

  // Batches of at least `ingest_bytes_min` do not pass through the write buffers: sorted, they
  // become files at once, which costs a third of the work a row. They are on disk afterwards.
  Status Write(const WriteBatch& batch, PartitionId partition, Offset next) override;
  Result<Offset> Applied(PartitionId partition) const override;
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override;
  Status Flush() override;

  // Makes `dir`, which must not exist, a store of what was written before this; one that is written
  // to meanwhile is copied as of some moment during it. Files are linked, not copied, where both
  // are in one file system: they never change, but their names are all that each store owns. May be
  // called from any thread.
  Status CopyTo(const std::filesystem::path& dir) const;

 private:
  struct Database;
  explicit RocksDbStore(std::unique_ptr<Database> database);
  Status Insert(const WriteBatch& batch, PartitionId partition, Offset next);
  Status Ingest(const WriteBatch& batch, PartitionId partition, Offset next);

  std::unique_ptr<Database> database_;
};

}  // namespace conntrail
