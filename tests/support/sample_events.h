#pragma once

#include "events/event.h"

namespace conntrail {

// A valid event of that type with every member set to something other than its default, always the
// same. Golden files are made of these: a later change here changes no file.
Event SampleEvent(EventType type);

}  // namespace conntrail
