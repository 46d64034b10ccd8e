#include "projections/merkle/checkpoint.h"

#include <gtest/gtest.h>

namespace conntrail::merkle {
namespace {

constexpr std::string_view kOrigin = "log.example/main/p0/o7";

Checkpoint Head(uint64_t size) {
  return {std::string(kOrigin), size, LeafHash(AsBytes(std::to_string(size)))};
}

const SigningKey& Key() {
  static const SigningKey key(Ed25519Seed{1, 2, 3});
  return key;
}

std::string Signed(const Checkpoint& checkpoint) {
  const SigningKey* const keys[] = {&Key()};
  return SignCheckpoint(checkpoint, keys);
}

VerifierKey OurKey() { return {std::string(kOrigin), Key().public_key()}; }

TEST(Checkpoint, ReadsTheExampleOfTheSpecification) {
  const std::string text =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const Result<Checkpoint> checkpoint = ParseCheckpointText(text);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status().ToString();
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(CheckpointText(*checkpoint), text);
}

TEST(Checkpoint, IsWhatWasSigned) {
  for (const uint64_t size : {uint64_t{1}, uint64_t{256}, kTreeSizeMax}) {
    const Result<Checkpoint> opened = OpenCheckpoint(Signed(Head(size)), OurKey());
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    EXPECT_EQ(*opened, Head(size));
  }
}

TEST(Checkpoint, EveryChangeOfOneByteAndEveryTruncationIsRefused) {
  const std::string note = Signed(Head(12));
  for (size_t at = 0; at < note.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other = note;
      other[at] = static_cast<char>(c);
      EXPECT_EQ(OpenCheckpoint(other, OurKey()).ok(), other == note) << at << " is " << c;
    }
    EXPECT_FALSE(OpenCheckpoint(note.substr(0, at), OurKey()).ok()) << at;
  }
}

TEST(Checkpoint, OfAnotherOriginOrKeyIsRefusedAndBothAreNamed) {
  VerifierKey other = OurKey();
  other.name = "log.example/main/p0/o8";
  const Status origin = OpenCheckpoint(Signed(Head(12)), other).status();
  EXPECT_EQ(origin.code(), StatusCode::kCorruption);
  EXPECT_NE(origin.message().find("o7"), std::string::npos) << origin.message();
  EXPECT_NE(origin.message().find("o8"), std::string::npos) << origin.message();

  const SigningKey stranger(Ed25519Seed{9});
  EXPECT_FALSE(
      OpenCheckpoint(Signed(Head(12)), {std::string(kOrigin), stranger.public_key()}).ok());
}

TEST(Checkpoint, AWellSignedTextOfAnotherFormIsRefused) {
  const std::string root = HashText(Head(1).root);
  const std::string origin(kOrigin);
  const std::string texts[] = {
      origin + "\n1\n" + root + "\nextension\n",
      origin + "\n01\n" + root + "\n",
      origin + "\n+1\n" + root + "\n",
      origin + "\n-1\n" + root + "\n",
      origin + "\n\n" + root + "\n",
      origin + "\n9223372036854775808\n" + root + "\n",
      origin + "\n99999999999999999999\n" + root + "\n",
      origin + "\n1\n" + root + "AAAA\n",
      origin + "\n1\n" + root.substr(0, 43) + "\n",
      origin + "\n1\n\n",
      origin + "\n1\n",
      origin + "\n",
      origin + "\n0\n" + root + "\n",  // a tree without leaves has one root
      origin + " x\n1\n" + root + "\n",
  };
  for (const std::string& text : texts) {
    EXPECT_EQ(ParseCheckpointText(text).status().code(), StatusCode::kCorruption) << text;
    const SigningKey* const keys[] = {&Key()};
    EXPECT_FALSE(OpenCheckpoint(SignNote(text, kOrigin, keys), OurKey()).ok()) << text;
  }
}

TEST(Checkpoint, TwoKeysSignWhileOneFollowsTheOther) {
  const SigningKey next(Ed25519Seed{4});
  const SigningKey* const keys[] = {&Key(), &next};
  const std::string note = SignCheckpoint(Head(5), keys);
  EXPECT_TRUE(OpenCheckpoint(note, OurKey()).ok());
  EXPECT_TRUE(OpenCheckpoint(note, {std::string(kOrigin), next.public_key()}).ok());
}

}  // namespace
}  // namespace conntrail::merkle
