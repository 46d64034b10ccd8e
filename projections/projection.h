#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "events/log/event_log.h"
#include "projections/projection_copy.h"
#include "projections/projection_places.h"
#include "projections/projector.h"
#include "projections/store/rocksdb_store.h"

namespace conntrail {

// What one partition of a log means: a store in a directory, and the projector that keeps it in
// step.
//
// Beside the store there may be others that take or took its place: projection_places.h.
//
// Thread-safety: as of what it holds; everything else is one thread's.
class Projection {
 public:
  // Where something has got to: `next` of `end` records.
  using Progress = std::function<void(uint64_t next, uint64_t end)>;

  struct Options {
    std::function<void(const std::string&)> diagnostics = [](const std::string&) {};
    Projector::Options projector;
    RocksDbStore::Options store;
  };

  // Opens it, or makes an empty one. One that a crash has left not whole is thrown away and made
  // again by CatchUp; `diagnostics` is told. `log` must outlive it.
  static Result<std::unique_ptr<Projection>> Open(EventLog& log, PartitionId partition,
                                                  std::filesystem::path path, Options options);
  ~Projection();

  PartitionId partition() const { return partition_; }
  Store& store() { return *store_; }
  Projector& projector() { return *projector_; }

  // Applies all that is in the partition of the log.
  Status CatchUp(const Progress& progress = nullptr);

  // Throws the store away and makes it again from the log, in bulk. The old one stays in place
  // until the new one is whole; after a failure before that, all is as it was, after a later one it
  // must be opened anew. No snapshot or view of the store may be alive.
  Status Rebuild(const Progress& progress = nullptr);

  // SaveCopy of this projection. May be called from any thread, while others write.
  Result<CopyManifest> Save(const std::filesystem::path& directory, SaveCopyOptions options) const;

  // Puts what `copy` has in the place of the store, as Rebuild does with what it has built.
  // `check` may be null; it sees the new rows before they are put there, and may refuse them.
  Result<CopyManifest> Restore(CopyFiles& copy, const CopyCheck& check = nullptr);

 private:
  Projection(EventLog& log, PartitionId partition, std::filesystem::path path, Options options)
      : log_(log), partition_(partition), places_(std::move(path)), options_(std::move(options)) {}
  Status OpenStore();
  Status PutInPlace();

  EventLog& log_;
  const PartitionId partition_;
  const ProjectionPlaces places_;
  const Options options_;
  std::unique_ptr<RocksDbStore> store_;
  std::unique_ptr<Projector> projector_;
};

}  // namespace conntrail
