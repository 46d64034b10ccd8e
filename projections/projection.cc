#include "projections/projection.h"

#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "projections/rebuild.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

fs::path WithSuffix(const fs::path& path, const char* suffix) {
  fs::path with = path;
  with += suffix;
  return with;
}

fs::path BuildingOf(const fs::path& path) { return WithSuffix(path, ".building"); }
fs::path BeforeOf(const fs::path& path) { return WithSuffix(path, ".before"); }

Status Failed(std::string_view what, const fs::path& path, const std::error_code& error) {
  return Status::Io(fmt::format("cannot {} {}: {}", what, path.string(), error.message()));
}

// Rebuild moves the old store aside before it moves the new one, whole by then, into its place.
// Whatever else lies around is of a rebuild that was cut off earlier, or done.
Status MendRebuild(const fs::path& path) {
  const fs::path building = BuildingOf(path);
  const fs::path before = BeforeOf(path);
  std::error_code error;
  if (!fs::exists(path, error) && fs::exists(before, error)) {
    const fs::path& whole = fs::exists(building, error) ? building : before;
    fs::rename(whole, path, error);
    if (error) return Failed("move", whole, error);
  }
  for (const fs::path& left : {building, before}) {
    fs::remove_all(left, error);
    if (error) return Failed("remove", left, error);
  }
  return Status::Ok();
}

}  // namespace

Projection::~Projection() {
  projector_.reset();
  // What does not get to the disk now is replayed from the log.
  if (store_ != nullptr) (void)store_->Close();
}

Result<std::unique_ptr<Projection>> Projection::Open(EventLog& log, PartitionId partition,
                                                     fs::path path, Options options) {
  std::unique_ptr<Projection> projection(
      new Projection(log, partition, std::move(path), std::move(options)));
  CONNTRAIL_RETURN_IF_ERROR(projection->OpenStore());
  return projection;
}

Status Projection::OpenStore() {
  CONNTRAIL_RETURN_IF_ERROR(MendRebuild(path_));
  const auto open = [&]() -> Status {
    CONNTRAIL_ASSIGN_OR_RETURN(store_, RocksDbStore::Open(path_, options_.store));
    CONNTRAIL_ASSIGN_OR_RETURN(projector_,
                               Projector::Open(log_, *store_, partition_, options_.projector));
    return Status::Ok();
  };
  const Status first = open();
  if (first.code() != StatusCode::kCorruption) return first;

  // What a damaged projection knew stands in the log.
  options_.diagnostics(fmt::format("the projection is thrown away and made again from the log: {}",
                                   first.message()));
  projector_.reset();
  store_.reset();
  std::error_code error;
  fs::remove_all(path_, error);
  if (error) return Failed("remove", path_, error);
  return open();
}

Status Projection::CatchUp(const Progress& progress) {
  return projector_->CatchUp([&](Offset next, Offset end) {
    if (progress) progress(next.value, end.value);
  });
}

Status Projection::Rebuild(const Progress& progress) {
  CONNTRAIL_ASSIGN_OR_RETURN(const fs::path building, MakeRoom());
  // What was told before is not told again.
  OutcomeSink* const sink = options_.projector.outcomes;
  std::optional<OutcomesFrom> later;
  if (sink != nullptr) later.emplace(*sink, projector_->next());
  CONNTRAIL_RETURN_IF_ERROR(BuildProjection(log_, partition_, building, options_.store, progress,
                                            later ? &*later : nullptr));
  return PutInPlace(building);
}

Result<CopyManifest> Projection::Save(const fs::path& directory, SaveCopyOptions options) const {
  options.store = options_.store;
  return SaveCopy(*store_, partition_, directory, options);
}

Result<CopyManifest> Projection::Restore(CopyFiles& copy) {
  CONNTRAIL_ASSIGN_OR_RETURN(const fs::path building, MakeRoom());
  CONNTRAIL_ASSIGN_OR_RETURN(CopyManifest manifest,
                             BuildFromCopy(copy, log_, partition_, building, options_.store));
  CONNTRAIL_RETURN_IF_ERROR(PutInPlace(building));
  return manifest;
}

// For one that is going to replace the store.
Result<fs::path> Projection::MakeRoom() const {
  fs::path building = BuildingOf(path_);
  std::error_code error;
  fs::remove_all(building, error);
  if (error) return Failed("remove", building, error);
  return building;
}

Status Projection::PutInPlace(const fs::path& building) {
  const fs::path before = BeforeOf(path_);
  std::error_code error;
  projector_.reset();
  (void)store_->Close();  // it is thrown away; it may be damaged
  store_.reset();
  fs::remove_all(before, error);
  if (error) return Failed("remove", before, error);
  fs::rename(path_, before, error);
  if (error) return Failed("move", path_, error);
  fs::rename(building, path_, error);
  if (error) return Failed("move", building, error);
  return OpenStore();
}

}  // namespace conntrail
