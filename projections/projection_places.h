#pragma once

#include <filesystem>

#include "events/base/result.h"

namespace conntrail {

// Where the stores of one projection are, and how one takes the place of another.
//
//   PATH/             the one that serves
//   PATH.building/    one that is being made, or was until that was cut off
//   PATH.kept/        what a switch has replaced, whole: for return
//   PATH.before/      what is replaced or removed for good, for a moment
//   PATH.discarded/   what was kept before, until a switch is through
//   PATH.returning/   what a return replaces, for a moment
//
// All is done by renames. After a crash between any two of them Mend goes on, or back, to where one
// store is in place: no store that was whole is lost but those that were to be removed.
//
// One thread's, and one process's at a time.
class ProjectionPlaces {
 public:
  explicit ProjectionPlaces(std::filesystem::path serving) : serving_(std::move(serving)) {}

  const std::filesystem::path& serving() const { return serving_; }
  std::filesystem::path building() const { return With(".building"); }
  std::filesystem::path kept() const { return With(".kept"); }
  bool HasServing() const;
  bool HasKept() const;

  // Must be called before a store is opened. What was being built is removed.
  Status Mend() const;

  // Removes what is being built.
  Status MakeRoom() const;

  // The one that was built serves. The old one is removed. REQUIRES: it is whole; nobody has
  // either open. Likewise below.
  Status Replace() const;
  // The old one is kept, in the place of what was kept before.
  Status Switch() const;
  // The one that was kept serves, and the one that served is kept. REQUIRES: HasKept().
  Status Return() const;

  Status RemoveKept() const;

 private:
  std::filesystem::path With(const char* suffix) const;
  Status FinishReturn() const;
  Status Sync() const;

  const std::filesystem::path serving_;
};

}  // namespace conntrail
