#include "events/base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/event_generators.h"

namespace conntrail {
namespace {

// The bytes of `code_point`, without a thought for whether it is one.
std::string Encoded(uint32_t code_point) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) {
    return {byte(0xC0 | code_point >> 6), byte(0x80 | (code_point & 0x3F))};
  }
  if (code_point < 0x10000) {
    return {byte(0xE0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 0x3F)),
            byte(0x80 | (code_point & 0x3F))};
  }
  return {byte(0xF0 | code_point >> 18), byte(0x80 | (code_point >> 12 & 0x3F)),
          byte(0x80 | (code_point >> 6 & 0x3F)), byte(0x80 | (code_point & 0x3F))};
}

TEST(Utf8, TakesEveryCharacterAndNoSurrogate) {
  for (uint32_t code_point = 0; code_point < 0x120000; ++code_point) {
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    ASSERT_EQ(IsUtf8(Encoded(code_point)), code_point <= 0x10FFFF && !is_surrogate) << code_point;
  }
}

TEST(Utf8, RefusesOverlongCutAndStrayBytes) {
  for (const char* text : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\x80",
                           "\xBF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3\xC3", "\xE2\x28\xA1",
                           "\xF8\x88\x80\x80\x80", "\xFE", "\xFF"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

// The front of plain ASCII is looked at eight bytes at a time.
TEST(Utf8, SeesOneBadByteAtAnyPlace) {
  for (size_t size = 1; size <= 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\xFF';
      ASSERT_FALSE(IsUtf8(text)) << at << " of " << size;
      ASSERT_EQ(Utf8PrefixBytes(text), at);
      text[at] = '\0';
      ASSERT_TRUE(IsUtf8(text));
      ASSERT_FALSE(IsText(text));
    }
  }
}

RC_GTEST_PROP(Utf8, TakesJoinedTexts, ()) { RC_ASSERT(IsText(*AnyText() + *AnyText())); }

RC_GTEST_PROP(BigEndian, IsReadAsItWasWrittenAndSortsAsNumbersDo, (uint64_t a, uint64_t b)) {
  std::string one;
  std::string other;
  AppendBigEndian(one, a, 8);
  AppendBigEndian(other, b, 8);
  RC_ASSERT(ReadBigEndian(one) == a);
  RC_ASSERT((one < other) == (a < b));
}

TEST(BigEndian, HasTheWidthThatWasAskedFor) {
  std::string out = "x";
  AppendBigEndian(out, 0x010203, 3);
  EXPECT_EQ(out, std::string("x\x01\x02\x03"));
  EXPECT_EQ(ToHex(AsBytes("\x01\xAB\xff")), "01abff");
}

}  // namespace
}  // namespace conntrail
