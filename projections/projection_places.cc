#include "projections/projection_places.h"

#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/log/file.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

Status Failed(std::string_view what, const fs::path& path, const std::error_code& error) {
  return Status::Io(fmt::format("cannot {} {}: {}", what, path.string(), error.message()));
}

bool IsThere(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

Status Move(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? Failed("move", from, error) : Status::Ok();
}

Status Remove(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? Failed("remove", path, error) : Status::Ok();
}

}  // namespace

fs::path ProjectionPlaces::With(const char* suffix) const {
  fs::path path = serving_;
  path += suffix;
  return path;
}

bool ProjectionPlaces::HasServing() const { return IsThere(serving_); }
bool ProjectionPlaces::HasKept() const { return IsThere(kept()); }

// So that no later rename is on the disk without these.
Status ProjectionPlaces::Sync() const {
  const fs::path parent = serving_.has_parent_path() ? serving_.parent_path() : fs::path(".");
  CONNTRAIL_ASSIGN_OR_RETURN(const File holder,
                             File::Open(parent.string(), O_RDONLY | O_DIRECTORY));
  return holder.Sync();
}

Status ProjectionPlaces::FinishReturn() const {
  const fs::path returning = With(".returning");
  if (!IsThere(returning)) return Status::Ok();
  if (!HasServing()) return Move(returning, serving_);  // nothing else was moved yet
  return HasKept() ? Remove(returning) : Move(returning, kept());
}

Status ProjectionPlaces::Mend() const {
  const fs::path before = With(".before");
  const fs::path discarded = With(".discarded");
  CONNTRAIL_RETURN_IF_ERROR(FinishReturn());
  if (!HasServing()) {
    // What is built is moved only once it is whole, after the old one was moved aside.
    if ((IsThere(before) || HasKept()) && IsThere(building())) {
      CONNTRAIL_RETURN_IF_ERROR(Move(building(), serving_));
    } else if (IsThere(before)) {
      CONNTRAIL_RETURN_IF_ERROR(Move(before, serving_));
    }
  }
  if (IsThere(discarded) && !HasKept()) CONNTRAIL_RETURN_IF_ERROR(Move(discarded, kept()));
  for (const fs::path& left : {building(), before, discarded}) {
    CONNTRAIL_RETURN_IF_ERROR(Remove(left));
  }
  return Status::Ok();
}

Status ProjectionPlaces::MakeRoom() const { return Remove(building()); }

Status ProjectionPlaces::Replace() const {
  const fs::path before = With(".before");
  CONNTRAIL_RETURN_IF_ERROR(Remove(before));
  if (HasServing()) CONNTRAIL_RETURN_IF_ERROR(Move(serving_, before));
  CONNTRAIL_RETURN_IF_ERROR(Move(building(), serving_));
  CONNTRAIL_RETURN_IF_ERROR(Sync());
  return Remove(before);
}

Status ProjectionPlaces::Switch() const {
  if (!HasServing()) return Replace();
  const fs::path discarded = With(".discarded");
  CONNTRAIL_RETURN_IF_ERROR(Remove(discarded));
  if (HasKept()) CONNTRAIL_RETURN_IF_ERROR(Move(kept(), discarded));
  CONNTRAIL_RETURN_IF_ERROR(Move(serving_, kept()));
  CONNTRAIL_RETURN_IF_ERROR(Move(building(), serving_));
  CONNTRAIL_RETURN_IF_ERROR(Sync());
  return Remove(discarded);
}

Status ProjectionPlaces::Return() const {
  const fs::path returning = With(".returning");
  CONNTRAIL_RETURN_IF_ERROR(Remove(returning));
  if (HasServing()) CONNTRAIL_RETURN_IF_ERROR(Move(serving_, returning));
  CONNTRAIL_RETURN_IF_ERROR(Move(kept(), serving_));
  if (IsThere(returning)) CONNTRAIL_RETURN_IF_ERROR(Move(returning, kept()));
  return Sync();
}

// By way of a name that nobody returns to: half a store must not be found there.
Status ProjectionPlaces::RemoveKept() const {
  if (!HasKept()) return Status::Ok();
  const fs::path before = With(".before");
  CONNTRAIL_RETURN_IF_ERROR(Remove(before));
  CONNTRAIL_RETURN_IF_ERROR(Move(kept(), before));
  return Remove(before);
}

}  // namespace conntrail
