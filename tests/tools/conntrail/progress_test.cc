#include "tools/conntrail/progress.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(Progress, ToldWithRateAndTimeLeft) {
  EXPECT_EQ(DescribeProgress(0, 500, 2000, 5, "records"),
            "25 %  500 of 2000 records  100/s  15 s left");
}

TEST(Progress, RateCountsOnlyWhatWasDoneNow) {
  EXPECT_EQ(DescribeProgress(1000, 1500, 2000, 5, "records"),
            "75 %  1500 of 2000 records  100/s  5 s left");
}

TEST(Progress, SaysNothingAboutTheTimeLeftBeforeAnythingIsDone) {
  EXPECT_EQ(DescribeProgress(0, 0, 2000, 0, "bytes"), "0 %  0 of 2000 bytes");
  EXPECT_EQ(DescribeProgress(0, 0, 0, 0, "bytes"), "100 %  0 of 0 bytes");
}

TEST(Progress, TellsTimesAsPeopleDo) {
  EXPECT_EQ(DescribeSeconds(0.4), "0 s");
  EXPECT_EQ(DescribeSeconds(59.6), "1 min 0 s");
  EXPECT_EQ(DescribeSeconds(3725), "1 h 2 min");
}

}  // namespace
}  // namespace conntrail
