#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "projections/views/trail_view.h"

namespace conntrail {

// A walk over the records of a trail that a filter takes, along the rows that are fewest for it.
// SearchTrail is a page of it; whoever looks into the events takes it as it is.
struct TrailWalk {
  TrailFilter filter;
  bool newest_first = true;
  std::optional<Place> after;        // begins behind this place, in the direction of the walk
  size_t scan_rows_max = 1'000'000;  // 0 counts as 1
};

struct WalkedRecord {
  const TrailLine& line;
  // The value of its trail row (trail_row.h) if the walk went along the trail itself, else empty:
  // OrgView::RecordAt has it. Both live until `each` returns.
  std::string_view trail_value;
};

enum class WalkEnd {
  kTrailEnd,  // there is no more
  kStopped,   // `each` did not take the last one it was given
  kScanned,   // scan_rows_max
};

struct WalkStop {
  WalkEnd end = WalkEnd::kTrailEnd;
  // Behind which the next walk begins: the last record looked at, but for one that `each` did not
  // take. nullopt: none was.
  std::optional<Place> last;
};

// Calls `each` with each record until it returns false.
Result<WalkStop> WalkTrail(const OrgView& org, const TrailWalk& walk,
                           const std::function<Result<bool>(const WalkedRecord&)>& each);

}  // namespace conntrail
