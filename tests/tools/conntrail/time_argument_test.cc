#include "tools/conntrail/time_argument.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

const UnixMs kNow = *ParseTime("2026-11-23T12:00:00Z");

std::string Parsed(std::string_view text, DayEnd date_means = DayEnd::kBegin) {
  const auto time_ms = ParseTimeArgument(text, kNow, date_means);
  return time_ms.ok() ? FormatTime(*time_ms) : "refused";
}

TEST(TimeArgument, TakesExactTimesAndDates) {
  EXPECT_EQ(Parsed("2026-03-02T10:00:00+01:00"), "2026-03-02T09:00:00.000Z");
  EXPECT_EQ(Parsed("2026-03-02"), "2026-03-02T00:00:00.000Z");
  EXPECT_EQ(Parsed("now"), "2026-11-23T12:00:00.000Z");
}

TEST(TimeArgument, ADateAtTheEndTakesItsWholeDay) {
  EXPECT_EQ(Parsed("2026-03-02", DayEnd::kLast), "2026-03-02T23:59:59.999Z");
}

TEST(TimeArgument, CountsBackFromNow) {
  EXPECT_EQ(Parsed("30s"), "2026-11-23T11:59:30.000Z");
  EXPECT_EQ(Parsed("15m"), "2026-11-23T11:45:00.000Z");
  EXPECT_EQ(Parsed("36h"), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(Parsed("7d"), "2026-11-16T12:00:00.000Z");
  EXPECT_EQ(Parsed("2w"), "2026-11-09T12:00:00.000Z");
  EXPECT_EQ(Parsed("4000000000w"), "1970-01-01T00:00:00.000Z");
}

TEST(TimeArgument, RefusesWhatIsNoTime) {
  for (const char* text : {"", "d", "7", "7y", "-7d", "+7d", "7 d", "1.5h", "2026-02-30",
                           "tomorrow", "2026-03-02T10:00:00", "99999999999999999999d"}) {
    EXPECT_EQ(Parsed(text), "refused") << text;
  }
}

TEST(TimeArgument, KnowsWhatDependsOnNow) {
  EXPECT_TRUE(IsRelative("7d"));
  EXPECT_TRUE(IsRelative("now"));
  EXPECT_FALSE(IsRelative("2026-03-02"));
  EXPECT_FALSE(IsRelative(""));
}

}  // namespace
}  // namespace conntrail
