#include "events/base/base64.h"

#include <gtest/gtest.h>

namespace conntrail {
namespace {

// RFC 4648, section 10, and two that need the last digits of the alphabet.
TEST(Base64, WritesWhatTheStandardWrites) {
  const std::pair<std::string, std::string> examples[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xff\xff\xff", "////"},
      {std::string("\xfb\xe0\x00", 3), "++AA"},
  };
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(ToBase64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
}

TEST(Base64, EveryByteStringHasOneSpelling) {
  for (const std::string bytes : {"f", "fo", "foo", "\xff\xfe\xfd\xfc"}) {
    const std::string text = ToBase64(bytes);
    for (size_t at = 0; at < text.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string other = text;
        other[at] = static_cast<char>(c);
        const std::optional<std::string> read = FromBase64(other);
        if (read) {
          EXPECT_EQ(ToBase64(*read), other);
        }
      }
      EXPECT_FALSE(FromBase64(text.substr(0, at)).has_value() && at % 4 != 0);
    }
  }
  for (const std::string text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Zm8", "Zm9v\n", "Z===", "====", "="}) {
    EXPECT_FALSE(FromBase64(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace conntrail
