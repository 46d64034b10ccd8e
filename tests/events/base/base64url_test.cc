#include "events/base/base64url.h"

#include <random>

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(Base64Url, TheVectorsOfRfc4648ComeOutWithoutPadding) {
  EXPECT_EQ(ToBase64Url(""), "");
  EXPECT_EQ(ToBase64Url("f"), "Zg");
  EXPECT_EQ(ToBase64Url("fo"), "Zm8");
  EXPECT_EQ(ToBase64Url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(ToBase64Url("\xFB\xFF"), "-_8");
}

TEST(Base64Url, OneByteStringHasOneSpelling) {
  for (const char* text : {"Zg==", "Zh", "Z", "Zg ", "Zm9v+mFy", "Zm9v/mFy"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

TEST(Base64Url, AnyBytesComeBack) {
  std::mt19937_64 random(7);
  for (size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(FromBase64Url(ToBase64Url(bytes)), bytes);
  }
}

}  // namespace
}  // namespace conntrail
