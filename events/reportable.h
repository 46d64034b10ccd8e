#pragma once

#include "events/event.h"

namespace conntrail {

// Whether a producer may report it as an observation. Observations are applied without a look at
// rights: whoever could report a key could make one.
bool IsReportable(EventType type);

}  // namespace conntrail
