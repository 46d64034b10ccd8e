#include "tools/conntrail/time_argument.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "events/base/number.h"

namespace conntrail {
namespace {

std::optional<UnixMs> UnitMs(char unit) {
  constexpr UnixMs kSecond = 1000;
  switch (unit) {
    case 's':
      return kSecond;
    case 'm':
      return 60 * kSecond;
    case 'h':
      return 3600 * kSecond;
    case 'd':
      return 24 * 3600 * kSecond;
    case 'w':
      return 7 * 24 * 3600 * kSecond;
    default:
      return std::nullopt;
  }
}

std::optional<UnixMs> ParseAgo(std::string_view text, UnixMs now_ms) {
  if (text.size() < 2) return std::nullopt;
  const std::optional<UnixMs> unit = UnitMs(text.back());
  // Of weeks, 32 bits stay far below what 64 bits of milliseconds hold.
  const auto count = ParseNumber<uint32_t>(text.substr(0, text.size() - 1));
  if (!unit || !count) return std::nullopt;
  const UnixMs time_ms = now_ms - static_cast<UnixMs>(*count) * *unit;
  return time_ms < kTimeMsMin ? kTimeMsMin : time_ms;
}

}  // namespace

Result<UnixMs> ParseTimeArgument(std::string_view text, UnixMs now_ms, DayEnd date_means) {
  if (text == "now") return now_ms;
  if (const auto time_ms = ParseTime(text)) return *time_ms;
  const std::string_view of_day =
      date_means == DayEnd::kBegin ? "T00:00:00.000Z" : "T23:59:59.999Z";
  if (const auto time_ms = ParseTime(fmt::format("{}{}", text, of_day))) return *time_ms;
  if (const auto time_ms = ParseAgo(text, now_ms)) return *time_ms;
  return Status::InvalidArgument(fmt::format(
      "\"{}\" is no time; write 2026-03-02T09:00:00Z, 2026-03-02, now, or 7d for seven days ago",
      text));
}

bool IsRelative(std::string_view text) {
  return text == "now" || ParseAgo(text, kTimeMsMax).has_value();
}

}  // namespace conntrail
