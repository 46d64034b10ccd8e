#include "projections/projection.h"

#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "projections/rebuild.h"

namespace conntrail {

namespace fs = std::filesystem;
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
  CONNTRAIL_RETURN_IF_ERROR(places_.Mend());
  const auto open = [&]() -> Status {
    CONNTRAIL_ASSIGN_OR_RETURN(store_, RocksDbStore::Open(places_.serving(), options_.store));
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
  fs::remove_all(places_.serving(), error);
  if (error) {
    return Status::Io(
        fmt::format("cannot remove {}: {}", places_.serving().string(), error.message()));
  }
  return open();
}

Status Projection::CatchUp(const Progress& progress) {
  return projector_->CatchUp([&](Offset next, Offset end) {
    if (progress) progress(next.value, end.value);
  });
}

Status Projection::Rebuild(const Progress& progress) {
  CONNTRAIL_RETURN_IF_ERROR(places_.MakeRoom());
  // What was told before is not told again.
  OutcomeSink* const sink = options_.projector.outcomes;
  std::optional<OutcomesFrom> later;
  if (sink != nullptr) later.emplace(*sink, projector_->next());
  CONNTRAIL_RETURN_IF_ERROR(BuildProjection(log_, partition_, places_.building(), options_.store,
                                            progress, later ? &*later : nullptr));
  return PutInPlace();
}

Result<CopyManifest> Projection::Save(const fs::path& directory, SaveCopyOptions options) const {
  options.store = options_.store;
  return SaveCopy(*store_, partition_, directory, options);
}

Result<CopyManifest> Projection::Restore(CopyFiles& copy, const CopyCheck& check) {
  CONNTRAIL_RETURN_IF_ERROR(places_.MakeRoom());
  CONNTRAIL_ASSIGN_OR_RETURN(
      CopyManifest manifest,
      BuildFromCopy(copy, log_, partition_, places_.building(), options_.store, check));
  CONNTRAIL_RETURN_IF_ERROR(PutInPlace());
  return manifest;
}

Status Projection::PutInPlace() {
  projector_.reset();
  (void)store_->Close();  // it is thrown away; it may be damaged
  store_.reset();
  CONNTRAIL_RETURN_IF_ERROR(places_.Replace());
  return OpenStore();
}

}  // namespace conntrail
