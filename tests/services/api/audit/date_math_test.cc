#include "services/api/audit/date_math.h"

#include <gtest/gtest.h>

namespace conntrail::api {
namespace {

// A Wednesday.
constexpr std::string_view kNow = "2024-05-01T12:34:56.789Z";

std::string Read(std::string_view text, int zone_offset_s = 0, std::string_view now = kNow) {
  const Result<UnixMs> moment = ParseMoment(text, *ParseTime(now), zone_offset_s);
  return moment.ok() ? FormatTime(*moment) : std::string(StatusCodeName(moment.status().code()));
}

TEST(DateMath, MomentsAreReadAsSearchesWriteThem) {
  const std::pair<const char*, const char*> kMoments[] = {
      {"now", "2024-05-01T12:34:56.789Z"},
      {"now-15m", "2024-05-01T12:19:56.789Z"},
      {"now-1ms", "2024-05-01T12:34:56.788Z"},
      {"now-1s", "2024-05-01T12:34:55.789Z"},
      {"now+1h", "2024-05-01T13:34:56.789Z"},
      {"now-1d", "2024-04-30T12:34:56.789Z"},
      {"now-2w", "2024-04-17T12:34:56.789Z"},
      {"now-2M", "2024-03-01T12:34:56.789Z"},
      {"now-1y", "2023-05-01T12:34:56.789Z"},
      {"now/s", "2024-05-01T12:34:56.000Z"},
      {"now/m", "2024-05-01T12:34:00.000Z"},
      {"now/h", "2024-05-01T12:00:00.000Z"},
      {"now/d", "2024-05-01T00:00:00.000Z"},
      {"now-1d/d", "2024-04-30T00:00:00.000Z"},
      {"now/d-1d+6h", "2024-04-30T06:00:00.000Z"},
      {"now/w", "2024-04-29T00:00:00.000Z"},
      {"now-1M/M", "2024-04-01T00:00:00.000Z"},
      {"now/y", "2024-01-01T00:00:00.000Z"},
      {"now-900000000y", "1970-01-01T00:00:00.000Z"},
      {"now+900000000y", "9999-12-31T23:59:59.999Z"},
      {"now+1000000000d", "9999-12-31T23:59:59.999Z"},
      {"1714564800000", "2024-05-01T12:00:00.000Z"},
      {"0", "1970-01-01T00:00:00.000Z"},
      {"2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000Z"},
      {"2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00.000Z"},
      {"2024-05-01T12:00:00.5", "2024-05-01T12:00:00.500Z"},
      {"2024-05-01", "2024-05-01T00:00:00.000Z"},
  };
  for (const auto& [text, moment] : kMoments) EXPECT_EQ(Read(text), moment) << text;
}

TEST(DateMath, AMonthWithoutThatDayEndsWithItsLast) {
  EXPECT_EQ(Read("now-1M", 0, "2024-03-31T10:00:00.000Z"), "2024-02-29T10:00:00.000Z");
  EXPECT_EQ(Read("now-1y", 0, "2024-02-29T10:00:00.000Z"), "2023-02-28T10:00:00.000Z");
}

TEST(DateMath, DaysBeginWhereTheZoneHasMidnight) {
  constexpr int kTwoHours = 7200;
  EXPECT_EQ(Read("now/d", kTwoHours), "2024-04-30T22:00:00.000Z");
  EXPECT_EQ(Read("now/d", -kTwoHours), "2024-05-01T02:00:00.000Z");
  EXPECT_EQ(Read("now/d", kTwoHours, "2024-05-01T23:00:00.000Z"), "2024-05-01T22:00:00.000Z");
  EXPECT_EQ(Read("2024-05-01", kTwoHours), "2024-04-30T22:00:00.000Z");
  EXPECT_EQ(Read("2024-05-01T12:00:00Z", kTwoHours), "2024-05-01T12:00:00.000Z");
}

TEST(DateMath, WhatIsNoMomentIsRefused) {
  const char* const kTexts[] = {"",
                                "nowhere",
                                "now-",
                                "now-m",
                                "now-15",
                                "now-15x",
                                "now/",
                                "now/15m",
                                "now--1m",
                                "now-1m ",
                                "yesterday",
                                "-5",
                                "12:00",
                                "2024-13-01",
                                "2024-05-01T25:00:00Z",
                                "99999999999999999999",
                                "now-99999999999999999999m",
                                "now-2000000000m"};
  for (const char* text : kTexts) EXPECT_EQ(Read(text), "invalid argument") << text;
}

}  // namespace
}  // namespace conntrail::api
