#pragma once

#include <string>

#include "projections/store/trail_row.h"

namespace conntrail {

// Appends the leaf (projections/merkle/leaf.h) of the record that the row has.
void AppendLeafOf(std::string& out, const TrailRow& row);

}  // namespace conntrail
