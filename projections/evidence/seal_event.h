#pragma once

#include <cstddef>

#include "events/event.h"

namespace conntrail {

// So many signed heads fit into one seal: of about 100 bytes each, where a record takes 60,000.
inline constexpr size_t kSealHeadsMax = 400;

// The event that appends `seal`, made now by `interface`. Belongs to no org.
Event SealEvent(Seal seal, Interface interface);

}  // namespace conntrail
