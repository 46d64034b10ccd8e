#include "events/base/number.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(Number, IsAllOfTheText) {
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseNumber<int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(ParseNumber<int>("007"), 7);
  EXPECT_EQ(ParseNumber<double>("-2.5e3"), -2500.0);
}

TEST(Number, NothingElseIsOne) {
  for (const char* text : {"", " 1", "1 ", "+1", "-", "0x10", "1,000", "one", "1.0"}) {
    EXPECT_EQ(ParseNumber<uint64_t>(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseNumber<uint64_t>("-1"), std::nullopt);
  EXPECT_EQ(ParseNumber<uint64_t>("18446744073709551616"), std::nullopt);
  EXPECT_EQ(ParseNumber<uint16_t>("65536"), std::nullopt);
  for (const char* text : {"", "inf", "nan", "1e999", "1.5x"}) {
    EXPECT_EQ(ParseNumber<double>(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace conntrail
