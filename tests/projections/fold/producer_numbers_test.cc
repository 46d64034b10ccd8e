#include <gtest/gtest.h>

#include "projections/fold/entity.h"

namespace conntrail {
namespace {

TEST(ProducerNumbers, WhatWasMissingBeforeTheFirstNumberMayStillCome) {
  Producer producer;
  EXPECT_FALSE(producer.Advance(3)) << "a producer need not begin with 1";

  EXPECT_FALSE(producer.HasSeen(1));
  EXPECT_FALSE(producer.HasSeen(2));
  EXPECT_TRUE(producer.HasSeen(3));

  EXPECT_FALSE(producer.Advance(1));
  EXPECT_TRUE(producer.HasSeen(1));
  EXPECT_FALSE(producer.HasSeen(2));
  EXPECT_EQ(producer.high, 3u);
}

TEST(ProducerNumbers, ASecondMissingRangeIsANewGap) {
  Producer producer;
  (void)producer.Advance(1);
  EXPECT_FALSE(producer.Advance(2));
  EXPECT_TRUE(producer.Advance(5));
  EXPECT_FALSE(producer.HasSeen(3));
  EXPECT_FALSE(producer.HasSeen(4));
}

}  // namespace
}  // namespace conntrail
