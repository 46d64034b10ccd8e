#pragma once

#include <optional>
#include <string>

#include "projections/store/store.h"

namespace conntrail {

// The first row, in the order of families and keys, that is not equal in both: where it is and what
// is wrong with it. nullopt: all are equal. What a store keeps for itself beside the rows is left
// out.
Result<std::optional<std::string>> FirstDifference(const StoreSnapshot& stored,
                                                   const StoreSnapshot& expected);

}  // namespace conntrail
