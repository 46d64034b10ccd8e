#pragma once

#include <functional>
#include <optional>

#include "projections/views/org_view.h"

namespace conntrail {

// How far the trails of one org agree in two stores.
struct TrailComparison {
  Place common;                   // of the last record up to which all are equal; zero: of none
  uint64_t equal = 0;             // so many records
  std::optional<TrailLine> a, b;  // the first that is not equal; both absent: the trails are equal
};

// Compares records with outcomes, event bytes and places; append times are the log's own.
// `progress` may be null; it gets records done and all there are, and stops it by returning false
// (kUnavailable).
Result<TrailComparison> CompareTrails(
    const OrgView& a, const OrgView& b,
    const std::function<bool(uint64_t done, uint64_t end)>& progress);

}  // namespace conntrail
