#pragma once

#include <vector>

#include "events/model/field.h"
#include "tools/conntrail/output/table.h"

namespace conntrail {

// Lines that show a change: "+" and "-" for what came and went, also for the items of a list; "~"
// with both sides for one value that became another.
std::vector<Cell> DescribeChanges(const std::vector<FieldChange>& changes);

}  // namespace conntrail
