#pragma once

#include "projections/store/write_batch.h"

namespace conntrail {

// What the family is called, in stores and in messages: "state". Stored; never changes.
const char* FamilyName(Family family);

}  // namespace conntrail
