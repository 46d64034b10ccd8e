#include "projections/projection_copy.h"

#include <array>
#include <set>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/base/sha256.h"
#include "events/log/file.h"
#include "projections/evidence/org_tree.h"
#include "projections/evidence/sealed_heads.h"
#include "projections/projector.h"
#include "projections/store/keys.h"
#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = 1 << 20;

std::string HexOf(const std::array<uint8_t, 32>& hash) {
  return ToHex(std::as_bytes(std::span(hash)));
}

Status Failed(std::string_view what, const fs::path& path, const std::error_code& error) {
  return Status::Io(fmt::format("cannot {} {}: {}", what, path.string(), error.message()));
}

// Removes a directory unless it is kept.
class Unfinished {
 public:
  explicit Unfinished(fs::path path) : path_(std::move(path)) {}
  ~Unfinished() {
    std::error_code ignored;
    if (!is_kept_) fs::remove_all(path_, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void Keep() { is_kept_ = true; }

 private:
  const fs::path path_;
  bool is_kept_ = false;
};

Result<std::set<std::string>> NamesIn(const fs::path& directory) {
  std::set<std::string> names;
  std::error_code error;
  for (auto entry = fs::directory_iterator(directory, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.insert(entry->path().filename().string());
  }
  if (error) return Failed("look into", directory, error);
  return names;
}

Status ReadPieces(const fs::path& path, const CopyFiles::Take& take) {
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, File::Open(path.string(), O_RDONLY));
  Bytes piece(kPieceBytes);
  for (uint64_t at = 0;;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(at, piece));
    if (n == 0) return Status::Ok();
    CONNTRAIL_RETURN_IF_ERROR(take(ByteSpan(piece).first(n)));
    at += n;
  }
}

// What RocksDB leaves beside the store: what it had to tell, and its lock.
Status RemoveTraces(const fs::path& directory) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::set<std::string> names, NamesIn(directory));
  std::error_code error;
  for (const std::string& name : names) {
    if (!error && (name.starts_with("LOG") || name == "LOCK")) fs::remove(directory / name, error);
  }
  return error ? Failed("tidy", directory, error) : Status::Ok();
}

Result<CopyManifest::Sealed> SealedIn(const StoreSnapshot& snapshot, PartitionId partition) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<NumberedSeal> last, LastSeal(snapshot, partition));
  if (!last) return CopyManifest::Sealed{};
  return CopyManifest::Sealed{CopyManifest::Seal{last->number, HexOf(last->seal.heads_root)}};
}

// What the rows themselves say; opening the store also shows that it is one.
Result<CopyManifest> DescribeRows(const fs::path& directory, PartitionId partition,
                                  const SaveCopyOptions& options) {
  CopyManifest manifest;
  manifest.partition = partition;
  CONNTRAIL_ASSIGN_OR_RETURN(const auto store, RocksDbStore::Open(directory, options.store));
  CONNTRAIL_ASSIGN_OR_RETURN(manifest.next, store->Applied(partition));
  {
    const auto snapshot = store->NewSnapshot();
    CONNTRAIL_ASSIGN_OR_RETURN(const auto bytes,
                               snapshot->Get(Family::kState, keys::PartitionRow(partition)));
    if (!bytes) return Status::FailedPrecondition("nothing is applied yet that could be copied");
    CONNTRAIL_ASSIGN_OR_RETURN(const PartitionRow row, DecodePartitionRow(*bytes));
    manifest.log_id = row.log_id;
    if (row.anchor) manifest.anchor = HexOf(*row.anchor);
    CONNTRAIL_ASSIGN_OR_RETURN(manifest.sealed, SealedIn(*snapshot, partition));
    if (options.with_digests) {
      CONNTRAIL_ASSIGN_OR_RETURN(manifest.digests, ComputeDigests(*snapshot, partition));
    }
  }
  CONNTRAIL_RETURN_IF_ERROR(store->Close());
  return manifest;
}

Status DescribeFiles(const fs::path& directory, const std::stop_token& stop,
                     CopyManifest& manifest) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::set<std::string> names, NamesIn(directory));
  for (const std::string& name : names) {
    CopyManifest::File file{name, 0, ""};
    Sha256Stream hash;
    CONNTRAIL_RETURN_IF_ERROR(ReadPieces(directory / name, [&](ByteSpan piece) {
      if (stop.stop_requested()) return Status::Unavailable("stopped");
      file.size += piece.size();
      hash.Update(piece);
      return Status::Ok();
    }));
    file.sha256 = HexOf(hash.Finish());
    manifest.files.push_back(std::move(file));
  }
  return Status::Ok();
}

class DirectoryCopy final : public CopyFiles {
 public:
  explicit DirectoryCopy(fs::path directory) : directory_(std::move(directory)) {}

  std::string place() const override { return directory_.string(); }

  Result<std::string> Manifest() override {
    const fs::path path = directory_ / kCopyManifestName;
    std::error_code error;
    if (!fs::exists(path, error)) {
      return Status::NotFound(
          fmt::format("{} is missing: no projection copy, or one that was not "
                      "finished",
                      path.string()));
    }
    std::string text;
    CONNTRAIL_RETURN_IF_ERROR(ReadPieces(path, [&](ByteSpan piece) {
      text += AsText(piece);
      return Status::Ok();
    }));
    CONNTRAIL_ASSIGN_OR_RETURN(const CopyManifest manifest, ParseCopyManifest(text));
    CONNTRAIL_RETURN_IF_ERROR(CheckNames(manifest));
    return text;
  }

  Status Read(const CopyManifest::File& file, const Take& take) override {
    return ReadPieces(directory_ / file.name, take);
  }

 private:
  Status CheckNames(const CopyManifest& manifest) const {
    CONNTRAIL_ASSIGN_OR_RETURN(std::set<std::string> names, NamesIn(directory_));
    names.erase(kCopyManifestName);
    for (const CopyManifest::File& file : manifest.files) {
      if (names.erase(file.name) == 0) {
        return Status::Corruption((directory_ / file.name).string() + " is missing");
      }
    }
    if (names.empty()) return Status::Ok();
    return Status::Corruption((directory_ / *names.begin()).string() + " is no file of the copy");
  }

  const fs::path directory_;
};

// Before anything is fetched: whether it can be of use here.
Status CheckFits(const CopyManifest& manifest, EventLog& log, PartitionId partition) {
  if (manifest.log_id != log.log_id()) {
    return Status::FailedPrecondition(fmt::format("it is of the log {}, and here is {}",
                                                  manifest.log_id.ToString(),
                                                  log.log_id().ToString()));
  }
  if (manifest.partition != partition) {
    return Status::FailedPrecondition(
        fmt::format("it is of partition {}, not of {}", manifest.partition.value, partition.value));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(partition));
  if (end < manifest.next) {
    return Status::FailedPrecondition(
        fmt::format("it has applied {} records of partition {}, but the log ends at {}",
                    manifest.next.value, partition.value, end.value));
  }
  return Status::Ok();
}

Status CopyFile(CopyFiles& copy, const CopyManifest::File& file, const fs::path& directory) {
  CONNTRAIL_ASSIGN_OR_RETURN(
      const File target, File::Open((directory / file.name).string(), O_WRONLY | O_CREAT | O_EXCL));
  uint64_t size = 0;
  Sha256Stream hash;
  const auto take = [&](ByteSpan piece) -> Status {
    if (piece.size() > file.size - size) {
      return Status::Corruption(fmt::format("{} has more than {} bytes", file.name, file.size));
    }
    hash.Update(piece);
    size += piece.size();
    return target.WriteAt(size - piece.size(), piece);
  };
  CONNTRAIL_RETURN_IF_ERROR(copy.Read(file, take));
  if (size != file.size) {
    return Status::Corruption(
        fmt::format("{} has {} bytes instead of {}", file.name, size, file.size));
  }
  if (HexOf(hash.Finish()) != file.sha256) {
    return Status::Corruption(file.name + " is not as it was saved: its SHA-256 is another");
  }
  return target.Sync();
}

// The seal is the one of the manifest, and the heads that the rows have amount to it.
Status CheckSeal(const StoreSnapshot& snapshot, const CopyManifest& manifest) {
  CONNTRAIL_ASSIGN_OR_RETURN(const CopyManifest::Sealed sealed,
                             SealedIn(snapshot, manifest.partition));
  if (manifest.sealed && sealed != *manifest.sealed) {
    return Status::Corruption("the rows have another last seal than the manifest");
  }
  if (!sealed.last) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const merkle::Hash root,
                             HeadsRootAt(snapshot, manifest.partition, sealed.last->number));
  if (HexOf(root) == sealed.last->heads_root) return Status::Ok();
  return Status::Corruption(fmt::format("the heads at seal {} amount to {}, the seal says {}",
                                        sealed.last->number, HexOf(root), sealed.last->heads_root));
}

// Whether a Projector goes on with what has come; then all is as the manifest says.
Status CheckStore(const fs::path& directory, const CopyManifest& manifest, EventLog& log,
                  const RocksDbStoreOptions& options, const CopyCheck& check) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto store, RocksDbStore::Open(directory, options));
  {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto projector,
                               Projector::Open(log, *store, manifest.partition));
    if (projector->next() != manifest.next) {
      return Status::Corruption(fmt::format("the rows stand at {}, the manifest says {}",
                                            projector->next().value, manifest.next.value));
    }
    const std::shared_ptr<const StoreSnapshot> snapshot = store->NewSnapshot();
    CONNTRAIL_RETURN_IF_ERROR(CheckSeal(*snapshot, manifest));
    if (check) CONNTRAIL_RETURN_IF_ERROR(check(snapshot, manifest));
    if (manifest.digests) {
      CONNTRAIL_ASSIGN_OR_RETURN(const StateDigests digests,
                                 ComputeDigests(*snapshot, manifest.partition));
      if (digests != *manifest.digests) {
        return Status::Corruption("the rows do not amount to the digests of the manifest");
      }
    }
  }
  return store->Close();
}

Result<CopyManifest> Build(CopyFiles& copy, EventLog& log, PartitionId partition,
                           const fs::path& directory, const RocksDbStoreOptions& options,
                           const CopyCheck& check) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string text, copy.Manifest());
  CONNTRAIL_ASSIGN_OR_RETURN(CopyManifest manifest, ParseCopyManifest(text));
  CONNTRAIL_RETURN_IF_ERROR(CheckFits(manifest, log, partition));
  std::error_code error;
  if (!fs::create_directories(directory, error)) return Failed("make", directory, error);
  for (const CopyManifest::File& file : manifest.files) {
    CONNTRAIL_RETURN_IF_ERROR(CopyFile(copy, file, directory));
  }
  CONNTRAIL_RETURN_IF_ERROR(CheckStore(directory, manifest, log, options, check));
  CONNTRAIL_ASSIGN_OR_RETURN(const File holder,
                             File::Open(directory.string(), O_RDONLY | O_DIRECTORY));
  CONNTRAIL_RETURN_IF_ERROR(holder.Sync());
  return manifest;
}

}  // namespace

Result<CopyManifest> SaveCopy(const RocksDbStore& store, PartitionId partition,
                              const fs::path& directory, const SaveCopyOptions& options) {
  std::error_code error;
  if (fs::exists(directory, error)) {
    return Status::FailedPrecondition(directory.string() + " is there already");
  }
  Unfinished unfinished(directory);
  CONNTRAIL_RETURN_IF_ERROR(store.CopyTo(directory));
  CONNTRAIL_ASSIGN_OR_RETURN(CopyManifest manifest, DescribeRows(directory, partition, options));
  CONNTRAIL_RETURN_IF_ERROR(RemoveTraces(directory));
  CONNTRAIL_RETURN_IF_ERROR(DescribeFiles(directory, options.stop, manifest));
  CONNTRAIL_RETURN_IF_ERROR(PublishFile(directory.string(), kCopyManifestName,
                                        AsBytes(EncodeCopyManifest(manifest)), nullptr)
                                .status());
  unfinished.Keep();
  return manifest;
}

std::unique_ptr<CopyFiles> CopyIn(fs::path directory) {
  return std::make_unique<DirectoryCopy>(std::move(directory));
}

Result<CopyManifest> BuildFromCopy(CopyFiles& copy, EventLog& log, PartitionId partition,
                                   const fs::path& directory, const RocksDbStoreOptions& options,
                                   const CopyCheck& check) {
  Unfinished unfinished(directory);
  Result<CopyManifest> built = Build(copy, log, partition, directory, options, check);
  if (built.ok()) unfinished.Keep();
  return built;
}

}  // namespace conntrail
