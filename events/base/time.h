#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conntrail {

// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
using UnixMs = int64_t;

// Times outside of these are refused at the doors: year 1970 to the end of year 9999.
inline constexpr UnixMs kTimeMsMin = 0;
inline constexpr UnixMs kTimeMsMax = 253402300799999;

// RFC 3339 with milliseconds and Z: "2016-08-18T22:22:41.000Z". For times outside of the years 1 to
// 9999 it is the first or last of these.
std::string FormatTime(UnixMs time_ms);

// RFC 3339 date-time (section 5.6), any fraction (cut to milliseconds) and any offset; nullopt for
// anything else, for days that do not exist and for times outside kTimeMsMin..kTimeMsMax.
std::optional<UnixMs> ParseTime(std::string_view text);

}  // namespace conntrail
