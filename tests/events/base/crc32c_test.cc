#include "events/base/crc32c.h"

#include <random>

#include <gtest/gtest.h>

namespace conntrail {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, GivesThePublishedSums) {
  EXPECT_EQ(ExtendCrc32c(0, AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(ExtendCrc32c(0, Bytes(32, std::byte{0})), 0x8A9136AAu);
  EXPECT_EQ(ExtendCrc32c(0, Bytes(32, std::byte{0xFF})), 0x62A8AB43u);
  EXPECT_EQ(ExtendCrc32c(0, {}), 0u);
}

TEST(Crc32c, InstructionAndTableAgreeOnEveryLengthAndAlignment) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Bytes bytes(300);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  for (size_t start = 0; start < 9; ++start) {
    for (size_t length = 0; start + length <= bytes.size(); ++length) {
      const ByteSpan part = ByteSpan(bytes).subspan(start, length);
      const auto from = static_cast<uint32_t>(random());
      ASSERT_EQ(ExtendCrc32c(from, part), ExtendCrc32cPortable(from, part))
          << start << "+" << length;
    }
  }
}

TEST(Crc32c, OfTwoPartsIsThatOfTheWhole) {
  const ByteSpan whole = AsBytes("what stands here is cut in two");
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_EQ(ExtendCrc32c(ExtendCrc32c(0, whole.first(cut)), whole.subspan(cut)),
              ExtendCrc32c(0, whole));
  }
}

}  // namespace
}  // namespace conntrail
