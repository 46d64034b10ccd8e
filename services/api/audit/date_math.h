#pragma once

#include <string_view>

#include "events/base/result.h"
#include "events/base/time.h"

namespace conntrail::api {

// Reads a moment as searches write it:
//
//   moment := "now" step* | date | milliseconds since 1970
//   step   := ("+" | "-") number unit | "/" unit      (back to the beginning of the unit)
//   unit   := "ms" | "s" | "m" | "h" | "d" | "w" | "M" | "y"    (weeks begin on Monday)
//   date   := RFC 3339, whose time of day and zone may be left out
//
// Days, and dates without a zone, are those of `zone_offset_s` east of UTC. What lies before 1970
// or after 9999 becomes the first or last moment there is. kInvalidArgument tells what was
// expected.
Result<UnixMs> ParseMoment(std::string_view text, UnixMs now_ms, int zone_offset_s);

}  // namespace conntrail::api
