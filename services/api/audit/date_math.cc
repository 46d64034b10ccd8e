#include "services/api/audit/date_math.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "events/base/number.h"

namespace conntrail::api {
namespace {

using namespace std::chrono;  // NOLINT: calendars are long to write
using Time = sys_time<milliseconds>;

constexpr int64_t kAmountMax = 1'000'000'000;  // of any unit; keeps all sums in range

constexpr int64_t kBeyondMs = 2 * kTimeMsMax;  // further than any moment; calendars hold it

enum class Unit { kMillisecond, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kYear };

std::optional<Unit> TakeUnit(std::string_view& text) {
  if (text.starts_with("ms")) {
    text.remove_prefix(2);
    return Unit::kMillisecond;
  }
  constexpr std::string_view kLetters = "smhdwMy";
  const size_t number = text.empty() ? std::string_view::npos : kLetters.find(text.front());
  if (number == std::string_view::npos) return std::nullopt;
  text.remove_prefix(1);
  return static_cast<Unit>(number + 1);
}

// Months may be of different length: the 31st becomes the last day there is.
Time AddMonths(Time time, int64_t months_more) {
  const sys_days day = floor<days>(time);
  const milliseconds of_day = time - day;
  const year_month_day date{day};
  const int64_t bounded = std::clamp<int64_t>(months_more, -200'000, 200'000);
  year_month_day moved = date + months(static_cast<int>(bounded));
  moved = year(std::clamp(static_cast<int>(moved.year()), 0, 20'000)) / moved.month() / moved.day();
  if (!moved.ok()) moved = moved.year() / moved.month() / last;
  return sys_days{moved} + of_day;
}

Time Add(Time time, int64_t amount, Unit unit) {
  switch (unit) {
    case Unit::kMillisecond:
      return time + milliseconds(amount);
    case Unit::kSecond:
      return time + seconds(amount);
    case Unit::kMinute:
      return time + minutes(amount);
    case Unit::kHour:
      return time + hours(amount);
    case Unit::kDay:
      return time + days(std::clamp<int64_t>(amount, -10'000'000, 10'000'000));
    case Unit::kWeek:
      return time + days(7 * std::clamp<int64_t>(amount, -1'000'000, 1'000'000));
    case Unit::kMonth:
      return AddMonths(time, amount);
    case Unit::kYear:
      return AddMonths(time, 12 * std::clamp<int64_t>(amount, -10'000, 10'000));
  }
  return time;
}

Time BeginOf(Time time, Unit unit) {
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  switch (unit) {
    case Unit::kMillisecond:
      return time;
    case Unit::kSecond:
      return floor<seconds>(time);
    case Unit::kMinute:
      return floor<minutes>(time);
    case Unit::kHour:
      return floor<hours>(time);
    case Unit::kDay:
      return day;
    case Unit::kWeek:
      return day - (weekday(day) - Monday);
    case Unit::kMonth:
      return sys_days{date.year() / date.month() / 1};
    case Unit::kYear:
      return sys_days{date.year() / January / 1};
  }
  return time;
}

UnixMs Bounded(Time time) {
  return std::clamp<UnixMs>(time.time_since_epoch().count(), kTimeMsMin, kTimeMsMax);
}

Status NotUnderstood(std::string_view text) {
  return Status::InvalidArgument(fmt::format(
      "\"{}\" is no moment: expected one like now-15m, now-1d/d, 2024-05-01T12:00:00Z or "
      "1714564800000",
      text.substr(0, 64)));
}

Result<UnixMs> FromNow(std::string_view text, UnixMs now_ms, seconds zone) {
  const std::string_view whole = text;
  // Days are those of the zone: all is reckoned there.
  Time time = Time(milliseconds(now_ms)) + zone;
  text.remove_prefix(3);
  while (!text.empty()) {
    const char sign = text.front();
    text.remove_prefix(1);
    int64_t amount = 0;
    if (sign == '+' || sign == '-') {
      const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
      if (error != std::errc() || amount < 0 || amount > kAmountMax) return NotUnderstood(whole);
      text.remove_prefix(static_cast<size_t>(rest - text.data()));
    } else if (sign != '/') {
      return NotUnderstood(whole);
    }
    const std::optional<Unit> unit = TakeUnit(text);
    if (!unit) return NotUnderstood(whole);
    time = sign == '/' ? BeginOf(time, *unit) : Add(time, sign == '-' ? -amount : amount, *unit);
    time = std::clamp(time, Time(milliseconds(-kBeyondMs)), Time(milliseconds(kBeyondMs)));
  }
  return Bounded(time - zone);
}

bool IsNumber(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<UnixMs> ParseMoment(std::string_view text, UnixMs now_ms, int zone_offset_s) {
  if (text.size() > 256) return NotUnderstood(text);
  const seconds zone(zone_offset_s);
  if (text.starts_with("now")) return FromNow(text, now_ms, zone);
  if (IsNumber(text)) {
    const auto number = ParseNumber<int64_t>(text);
    if (!number) return NotUnderstood(text);
    return std::min<UnixMs>(*number, kTimeMsMax);
  }
  if (const std::optional<UnixMs> time_ms = ParseTime(text)) return *time_ms;
  // Without a zone, or without a time of day.
  const std::string completed = std::string(text) + (text.size() == 10 ? "T00:00:00Z" : "Z");
  const std::optional<UnixMs> local_ms = ParseTime(completed);
  if (!local_ms) return NotUnderstood(text);
  return Bounded(Time(milliseconds(*local_ms)) - zone);
}

}  // namespace conntrail::api
