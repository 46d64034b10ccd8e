#include "events/base/uuid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conntrail {
namespace {

// The namespace for DNS names, RFC 9562 section 6.6.
constexpr Uuid kDns = {0x6ba7b8109dad11d1, 0x80b400c04fd430c8};

RC_GTEST_PROP(Uuid, IsReadAsItWasWritten, (uint64_t hi, uint64_t lo)) {
  const Uuid id = {hi, lo};
  RC_ASSERT(id.ToString().size() == 36u);
  RC_ASSERT(Uuid::Parse(id.ToString()) == id);
}

RC_GTEST_PROP(Uuid, SortsAsItsTextDoes, (uint64_t a, uint64_t b, uint64_t c)) {
  const Uuid one = {a, b};
  const Uuid other = {a % 2 == 0 ? a : c, c};
  RC_ASSERT((one < other) == (one.ToString() < other.ToString()));
}

TEST(Uuid, HasOneSpelling) {
  EXPECT_TRUE(Uuid::Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
  for (const char* text :
       {"", "6BA7B810-9dad-11d1-80b4-00c04fd430c8", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
        "6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8 ", "6ba7b810-9dad-11d1-80b40-0c04fd430c8",
        "6ba7b810-9dad-11d1-80b4-00c04fd430cg", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd"}) {
    EXPECT_FALSE(Uuid::Parse(text)) << text;
  }
}

TEST(Uuid, OfANameIsThatOfRfc9562) {
  EXPECT_EQ(Uuid::FromName(kDns, "www.example.com").ToString(),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, OfATimeIsThatOfRfc9562AndSortsByTime) {
  // Appendix A.6.
  const Uuid random = {0xCC3, 0x18C4DC0C0C07398F};
  EXPECT_EQ(Uuid::FromTime(0x017F22E279B0, random).ToString(),
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_LT(Uuid::NewTimeOrdered(1000), Uuid::NewTimeOrdered(1001));
  EXPECT_NE(Uuid::NewTimeOrdered(1000), Uuid::NewTimeOrdered(1000));
}

}  // namespace
}  // namespace conntrail
