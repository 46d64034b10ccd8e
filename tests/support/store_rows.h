#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "projections/store/store.h"
#include "projections/store/trail_row.h"

namespace conntrail {

using RowList = std::vector<std::pair<std::string, std::string>>;

// All rows of a family, in order. A failing store ends the process: tests read healthy ones.
RowList RowsOf(const Store& store, Family family);

// "" if both hold the same rows in all families and have applied the same records of partition 0;
// else where they first differ.
std::string FirstDifference(const Store& a, const Store& b);

// A row of the trail that owns its bytes.
struct OwnedTrailRow {
  TrailRow row;  // its `event` is empty
  std::string event;
};

// The trail of the org with slot `slot` in partition 0, from its first record on.
std::vector<OwnedTrailRow> TrailOf(const Store& store, uint32_t slot);

}  // namespace conntrail
