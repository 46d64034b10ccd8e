#pragma once

#include <cstdint>

#include "events/log/event_log.h"
#include "tests/support/manual_clock.h"

namespace conntrail {

// Appends `count` records to partition 0: those of VariedEvents, a third of which came by API keys
// that are made, revoked and left to expire among them. The record in the middle activates rules
// version 2.
//
// The same seed gives the same bytes everywhere. Frozen: the digests in tests/golden are of these.
void AppendKeyedEvents(uint64_t seed, size_t count, EventLog& log, ManualClock& clock);

}  // namespace conntrail
