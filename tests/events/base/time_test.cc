#include "events/base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conntrail {
namespace {

RC_GTEST_PROP(Time, IsReadAsItWasWritten, ()) {
  const UnixMs time = *rc::gen::inRange<UnixMs>(kTimeMsMin, kTimeMsMax + 1);
  RC_ASSERT(ParseTime(FormatTime(time)) == time);
}

TEST(Time, IsWrittenInRfc3339WithMilliseconds) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(1471558961007), "2016-08-18T22:22:41.007Z");
  EXPECT_EQ(FormatTime(kTimeMsMax), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatTime(INT64_MAX), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatTime(INT64_MIN), "0001-01-01T00:00:00.000Z");
}

TEST(Time, IsReadWithAnyFractionAndOffset) {
  const UnixMs expected = 1471558961000;
  for (const char* text :
       {"2016-08-18T22:22:41Z", "2016-08-18t22:22:41z", "2016-08-18T22:22:41.0Z",
        "2016-08-18T22:22:41.000999999Z", "2016-08-19T00:22:41+02:00", "2016-08-18T17:52:41-04:30",
        "2016-08-18T22:22:41-00:00", "2016-08-18 22:22:41Z"}) {
    EXPECT_EQ(ParseTime(text), expected) << text;
  }
  EXPECT_EQ(ParseTime("2016-08-18T22:22:41.1Z"), expected + 100);
  EXPECT_EQ(ParseTime("2016-08-18T22:22:41.12345Z"), expected + 123);
}

TEST(Time, KnowsTheDaysThatThereAre) {
  EXPECT_TRUE(ParseTime("2024-02-29T00:00:00Z"));
  EXPECT_TRUE(ParseTime("2000-02-29T00:00:00Z"));
  for (const char* text :
       {"2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z", "2024-04-31T00:00:00Z", "2024-01-00T00:00:00Z"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST(Time, RefusesWhatIsNoTimeOrOutOfRange) {
  for (const char* text :
       {"", "2016-08-18", "2016-08-18T22:22:41", "2016-08-18T22:22Z", "2016-08-18T24:00:00Z",
        "2016-08-18T22:60:00Z", "2016-08-18T22:22:61Z", "2016-08-18T22:22:41.Z",
        "2016-08-18T22:22:41+2:00", "2016-08-18T22:22:41+0200", "2016-08-18T22:22:41Z ",
        " 2016-08-18T22:22:41Z", "16-08-18T22:22:41Z", "1471558961000", "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

}  // namespace
}  // namespace conntrail
