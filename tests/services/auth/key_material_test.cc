#include "services/auth/key_material.h"

#include <set>
#include <span>

#include <gtest/gtest.h>

#include "events/base/bytes.h"

namespace conntrail {
namespace {

TEST(KeyMaterial, HasTheFormThatClientsKnow) {
  const KeyMaterial api = GenerateKey(KeyKind::kApi);
  const KeyMaterial application = GenerateKey(KeyKind::kApplication);
  EXPECT_EQ(api.text.size(), size_t{32});
  EXPECT_EQ(application.text.size(), size_t{40});
  for (const KeyMaterial& key : {api, application}) {
    EXPECT_EQ(key.text.find_first_not_of("0123456789abcdef"), std::string::npos) << key.text;
    EXPECT_EQ(key.digest, KeyDigest(key.text));
  }
}

TEST(KeyMaterial, IsNeverTheSameTwice) {
  std::set<std::string> texts;
  for (int i = 0; i < 1000; ++i) texts.insert(GenerateKey(KeyKind::kApi).text);
  EXPECT_EQ(texts.size(), size_t{1000});
}

TEST(KeyMaterial, IsKeptAsItsSha256) {
  const Digest digest = KeyDigest("abc");
  EXPECT_EQ(ToHex(std::as_bytes(std::span(digest))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(KeyMaterial, DigestsThatDifferInOneBitAreNotTheSame) {
  const Digest digest = KeyDigest("abc");
  EXPECT_TRUE(SameDigest(digest, digest));
  for (size_t bit = 0; bit < 256; ++bit) {
    Digest other = digest;
    other[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(SameDigest(digest, other)) << bit;
  }
}

}  // namespace
}  // namespace conntrail
