#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "events/log/event_log.h"
#include "projections/copy_manifest.h"
#include "projections/store/rocksdb_store.h"

namespace conntrail {

// A projection copy is a directory with the files of a store at some offset of its log, and
// kCopyManifestName, which is written last. It serves to begin with on another node, or after a
// loss, without reading the log from its beginning; what the copy lacks is folded from there.

struct SaveCopyOptions {
  bool with_digests = false;  // reads every row
  RocksDbStoreOptions store;
  std::stop_token stop;  // kUnavailable then
};

// Copies the store of `partition` to `directory`, which must not exist, durably. What the manifest
// says is read from the copy. After a failure nothing is left. The store may be written meanwhile.
Result<CopyManifest> SaveCopy(const RocksDbStore& store, PartitionId partition,
                              const std::filesystem::path& directory,
                              const SaveCopyOptions& options);

// The files of a copy, wherever they are. One thread's.
class CopyFiles {
 public:
  using Take = std::function<Status(ByteSpan)>;

  virtual ~CopyFiles() = default;
  virtual std::string place() const = 0;
  virtual Result<std::string> Manifest() = 0;
  // Hands out what the file has, in pieces. Checks nothing.
  virtual Status Read(const CopyManifest::File& file, const Take& take) = 0;
};

// Those in a directory. Manifest: kCorruption names a file that is missing, or one too many.
std::unique_ptr<CopyFiles> CopyIn(std::filesystem::path directory);

// Sees the rows of a copy before it is used; what it returns is what becomes of it.
using CopyCheck = std::function<Status(std::shared_ptr<const StoreSnapshot>, const CopyManifest&)>;

// Makes `directory`, which must not exist, a store from a copy: durable, each file as the manifest
// says, and such that a Projector of `log` can go on with it. After a failure nothing is left.
//
// kCorruption names the file that is not as it was saved, or the last seal if the heads that the
// rows have do not amount to it. kFailedPrecondition: it is of another log or partition, or ahead
// of this one.
Result<CopyManifest> BuildFromCopy(CopyFiles& copy, EventLog& log, PartitionId partition,
                                   const std::filesystem::path& directory,
                                   const RocksDbStoreOptions& options,
                                   const CopyCheck& check = nullptr);

}  // namespace conntrail
