#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/event.h"

namespace conntrail {

// The canonical JSON form of an event: one line, keys sorted, absent facts left out, ids and times
// as text ("user:<uuid>", RFC 3339 with milliseconds), digests in hexadecimal, an "action" object
// beside "type". Used by import, export and diagnostics; schemas/README.md shows one.
//
// EventFromJson(EventToJson(e)) == e for every valid e, and EventToJson(EventFromJson(j)) == j for
// every canonical j.
std::string EventToJson(const Event& event);

// Accepts any member order and white space. kInvalidArgument names the member at fault: unknown and
// duplicate members, wrong kinds and values out of range are refused.
Result<Event> EventFromJson(std::string_view json);

}  // namespace conntrail
