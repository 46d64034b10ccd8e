#pragma once

#include <string_view>

#include "events/base/result.h"
#include "events/base/time.h"

namespace conntrail {

// Which end of a day a bare date stands for.
enum class DayEnd { kBegin, kLast };

// A time as people write it: RFC 3339 ("2026-03-02T09:00:00Z"), a date in UTC ("2026-03-02"),
// "now", or how long ago: a number and one of w, d, h, m, s ("7d").
Result<UnixMs> ParseTimeArgument(std::string_view text, UnixMs now_ms, DayEnd date_means);

// True if what `text` means depends on when it is asked.
bool IsRelative(std::string_view text);

}  // namespace conntrail
