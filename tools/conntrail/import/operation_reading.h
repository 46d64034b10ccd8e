#pragma once

#include "events/base/json_reader.h"
#include "events/event.h"

namespace conntrail {

// Reads what a line says has happened ("op" and the members that belong to it) into `event`: the
// action, the subject's name, and whether its source refused it. Within this folder only.
void ReadOperation(JsonReader& reader, const JsonValue& line, Event& event);

}  // namespace conntrail
