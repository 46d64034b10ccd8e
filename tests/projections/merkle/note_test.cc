#include "projections/merkle/note.h"

#include <gtest/gtest.h>

#include "events/base/base64.h"

namespace conntrail::merkle {
namespace {

// The examples of the specification.
constexpr std::string_view kKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kNote =
    "This is an example message.\n"
    "\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

Ed25519Seed SeedOf(uint8_t number) {
  Ed25519Seed seed{};
  seed.fill(number);
  return seed;
}

std::string SignedBy(const SigningKey& key, std::string_view text) {
  const SigningKey* const keys[] = {&key};
  return SignNote(text, "log.example/o1", keys);
}

VerifierKey KeyOf(const SigningKey& key) { return {"log.example/o1", key.public_key()}; }

TEST(Ed25519, SignsAsTheStandardsFirstTestDoes) {
  const unsigned char secret[] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                                  0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                                  0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
  Ed25519Seed seed;
  std::copy(std::begin(secret), std::end(secret), seed.begin());
  const SigningKey key(seed);
  EXPECT_EQ(ToHex(std::as_bytes(std::span(key.public_key()))),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Ed25519Signature signature = key.Sign({});
  EXPECT_EQ(
      ToHex(std::as_bytes(std::span(signature))),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
      "f9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST(VerifierKey, ReadsAndWritesTheExampleOfTheSpecification) {
  const Result<VerifierKey> key = VerifierKey::Parse(kKey);
  ASSERT_TRUE(key.ok()) << key.status().ToString();
  EXPECT_EQ(key->name, "example.com/foo");
  EXPECT_EQ(key->Id(), 0x530d903au);
  EXPECT_EQ(key->ToString(), kKey);
}

TEST(VerifierKey, EveryChangeOfOneByteIsRefused) {
  for (size_t at = 0; at < kKey.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other(kKey);
      other[at] = static_cast<char>(c);
      EXPECT_EQ(VerifierKey::Parse(other).ok(), other == kKey) << other;
    }
    EXPECT_FALSE(VerifierKey::Parse(kKey.substr(0, at)).ok());
  }
}

TEST(VerifierKey, ANameHasNeitherSpacesNorPlus) {
  for (const std::string name : {"a", "example.com/log42", "h\xc3\xa9.example", "\xe2\x80\x94"}) {
    EXPECT_TRUE(IsKeyName(name)) << name;
  }
  for (const std::string name : {"", "a b", "a+b", "a\tb", "a\nb",
                                 "a\xc2\xa0"
                                 "b",
                                 "a\xe3\x80\x80", "a\xe2\x80\x83", "\xff", "a\x7f"}) {
    EXPECT_FALSE(IsKeyName(name)) << name;
  }
}

TEST(SignedNote, OpensTheExampleOfTheSpecification) {
  const Result<std::string_view> text = OpenNote(kNote, *VerifierKey::Parse(kKey));
  ASSERT_TRUE(text.ok()) << text.status().ToString();
  EXPECT_EQ(*text, "This is an example message.\n");
}

TEST(SignedNote, EveryChangeOfOneByteAndEveryTruncationIsRefused) {
  const SigningKey key(SeedOf(7));
  const std::string note = SignedBy(key, "one\n\ntwo\n");
  ASSERT_TRUE(OpenNote(note, KeyOf(key)).ok());
  for (size_t at = 0; at < note.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other = note;
      other[at] = static_cast<char>(c);
      EXPECT_EQ(OpenNote(other, KeyOf(key)).ok(), other == note) << at << " is " << c;
    }
    EXPECT_FALSE(OpenNote(note.substr(0, at), KeyOf(key)).ok()) << at;
  }
  EXPECT_FALSE(OpenNote(note + "\n", KeyOf(key)).ok());
  EXPECT_FALSE(OpenNote(note + "x", KeyOf(key)).ok());
}

TEST(SignedNote, SignaturesOfOthersAreIgnored) {
  const SigningKey ours(SeedOf(1)), others(SeedOf(2));
  const SigningKey* const both[] = {&others, &ours};
  const std::string note = SignNote("text\n", "log.example/o1", both);
  EXPECT_TRUE(OpenNote(note, KeyOf(ours)).ok());
  EXPECT_TRUE(OpenNote(note, KeyOf(others)).ok());

  const Status unknown = OpenNote(note, KeyOf(SigningKey(SeedOf(3)))).status();
  EXPECT_EQ(unknown.code(), StatusCode::kCorruption);
  EXPECT_NE(unknown.message().find("line 3"), std::string::npos) << unknown.message();
  VerifierKey renamed = KeyOf(ours);
  renamed.name = "log.example/o2";
  EXPECT_FALSE(OpenNote(note, renamed).ok());
}

TEST(SignedNote, AWrongSignatureOfOurKeyIsRefusedThoughAnotherIsRight) {
  const SigningKey key(SeedOf(1));
  const std::string right = SignedBy(key, "text\n");
  const std::string wrong = SignedBy(key, "taxt\n");
  const std::string note = right + wrong.substr(wrong.find("\xe2\x80\x94"));
  const Status status = OpenNote(note, KeyOf(key)).status();
  EXPECT_EQ(status.code(), StatusCode::kCorruption);
  EXPECT_NE(status.message().find("line 4"), std::string::npos) << status.message();
}

TEST(SignedNote, SixteenLargeSignaturesOfOthersAreTakenAndNoEndlessNumber) {
  const SigningKey key(SeedOf(1));
  std::string note = SignedBy(key, "text\n");
  const std::string large =
      "\xe2\x80\x94 witness.example " + ToBase64(std::string(5000, 'x')) + "\n";
  for (int i = 0; i < 16; ++i) note += large;
  EXPECT_TRUE(OpenNote(note, KeyOf(key)).ok());
  const std::string small = "\xe2\x80\x94 witness.example " + ToBase64("12345") + "\n";
  for (size_t i = 17; i < kNoteSignaturesMax; ++i) note += small;
  EXPECT_TRUE(OpenNote(note, KeyOf(key)).ok());
  EXPECT_FALSE(OpenNote(note + small, KeyOf(key)).ok());
  EXPECT_FALSE(OpenNote(std::string(kNoteBytesMax, 'x') + note, KeyOf(key)).ok());
}

}  // namespace
}  // namespace conntrail::merkle
