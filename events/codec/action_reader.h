#pragma once

#include "events/codec/wire_reader.h"

namespace conntrail {

// The action of a verified wire event. REQUIRES: its type is 1 to kEventTypeMax. Faults are the
// reader's.
Action ReadAction(WireReader& reader, const wire::Event& event);

}  // namespace conntrail
