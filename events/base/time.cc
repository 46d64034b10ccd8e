#include "events/base/time.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace conntrail {
namespace {

// Takes exactly `digits` decimal digits from the front of `text`.
std::optional<int> TakeNumber(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeAnyOf(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" → 123; no fraction → 0; a dot without digits → nullopt.
std::optional<int> TakeMilliseconds(std::string_view& text) {
  if (!TakeAnyOf(text, ".")) return 0;
  int milliseconds = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) milliseconds = milliseconds * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) milliseconds *= 10;
  return milliseconds;
}

std::optional<int> TakeOffsetMinutes(std::string_view& text) {
  if (TakeAnyOf(text, "Zz")) return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = TakeNumber(text, 2);
  if (!hours || *hours > 23 || !TakeAnyOf(text, ":")) return std::nullopt;
  const auto minutes = TakeNumber(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::string FormatTime(UnixMs time_ms) {
  using namespace std::chrono;
  constexpr UnixMs kYear1 = -62'135'596'800'000;
  const sys_time<milliseconds> time{milliseconds(std::clamp(time_ms, kYear1, kTimeMsMax))};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<UnixMs> ParseTime(std::string_view text) {
  using namespace std::chrono;
  const auto y = TakeNumber(text, 4);
  if (!y || !TakeAnyOf(text, "-")) return std::nullopt;
  const auto m = TakeNumber(text, 2);
  if (!m || !TakeAnyOf(text, "-")) return std::nullopt;
  const auto d = TakeNumber(text, 2);
  if (!d || !TakeAnyOf(text, "Tt ")) return std::nullopt;
  const auto hour = TakeNumber(text, 2);
  if (!hour || *hour > 23 || !TakeAnyOf(text, ":")) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || *minute > 59 || !TakeAnyOf(text, ":")) return std::nullopt;
  const auto second = TakeNumber(text, 2);
  if (!second || *second > 60) return std::nullopt;
  const auto millisecond = TakeMilliseconds(text);
  if (!millisecond) return std::nullopt;
  const auto offset_minutes = TakeOffsetMinutes(text);
  if (!offset_minutes || !text.empty()) return std::nullopt;

  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)),
                            day(static_cast<unsigned>(*d)));
  if (!date.ok()) return std::nullopt;
  const sys_time<milliseconds> time = sys_days(date) + hours(*hour) +
                                      minutes(*minute - *offset_minutes) + seconds(*second) +
                                      milliseconds(*millisecond);
  const UnixMs time_ms = time.time_since_epoch().count();
  if (time_ms < kTimeMsMin || time_ms > kTimeMsMax) return std::nullopt;
  return time_ms;
}

}  // namespace conntrail
