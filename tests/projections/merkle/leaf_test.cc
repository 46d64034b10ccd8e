#include "projections/merkle/leaf.h"

#include <gtest/gtest.h>

#include "events/base/sha256.h"
#include "projections/outcomes/outcome_record.h"

namespace conntrail::merkle {
namespace {

const LeafHeader kHeader = {.outcome = 2,
                            .reason = 0x0304,
                            .rules = 0x05060708,
                            .time_ms = 0x090a0b0c0d0e0f10,
                            .revision = 0x1112131415161718,
                            .slot = 0x191a1b1c};

TEST(Leaf, HasTheBytesOfTheGrammar) {
  EXPECT_EQ(ToHex(EncodeLeafHeader(kHeader)),
            "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c");
  LeafHeader without_slot = kHeader;
  without_slot.slot.reset();
  EXPECT_EQ(ToHex(EncodeLeafHeader(without_slot)).substr(48), "ffffffff");
  EXPECT_EQ(*DecodeLeafHeader(EncodeLeaf(without_slot, AsBytes("bytes"))), without_slot);
}

TEST(Leaf, IsRefusedTooShortTooLongOrOfAnotherVersion) {
  const std::string leaf = EncodeLeaf(kHeader, AsBytes(std::string(kLeafContentBytesMax, 'x')));
  EXPECT_EQ(leaf.size(), kLeafBytesMax);
  EXPECT_TRUE(DecodeLeafHeader(leaf).ok());
  EXPECT_FALSE(DecodeLeafHeader(leaf + "x").ok());
  for (size_t size = 0; size < kLeafHeaderBytes; ++size) {
    EXPECT_FALSE(DecodeLeafHeader(leaf.substr(0, size)).ok());
  }
  for (int version = 0; version < 256; ++version) {
    std::string other = leaf;
    other[0] = static_cast<char>(version);
    EXPECT_EQ(DecodeLeafHeader(other).ok(), version == 1);
  }
}

TEST(Leaf, ARecordThatIsTooLongIsLengthAndHash) {
  const std::string record(kLeafContentBytesMax + 1, 'x');
  const auto hash = Sha256(AsBytes(record));
  EXPECT_EQ(EncodeLeaf(kHeader, AsBytes(record)), EncodeLeaf(kHeader, {}) +
                                                      std::string("\0\0\0\0\0\0\xea\x61", 8) +
                                                      std::string(hash.begin(), hash.end()));
}

TEST(Leaf, ItsHashIsThatOfItsBytes) {
  Hasher hasher;
  for (const size_t size : {size_t{0}, size_t{5}, kLeafContentBytesMax, kLeafContentBytesMax + 1}) {
    const std::string record(size, 'x');
    EXPECT_EQ(HashLeaf(hasher, kHeader, AsBytes(record)),
              LeafHash(AsBytes(EncodeLeaf(kHeader, AsBytes(record)))));
  }
}

// What a consumer of outcome records has is what the tree has.
TEST(Leaf, IsTheEndOfAnOutcomeRecord) {
  EXPECT_EQ(kLeafContentBytesMax, kRecordBytesMax);
  FoldedRecord folded;
  folded.line.verdict = Verdict::kDenied;
  folded.line.reason = Reason::kNone;
  folded.line.place.time_ms = 1700000000000;
  folded.line.revision = Revision(17);
  folded.rules = RulesVersion(1);
  folded.slot = 5;
  const LeafHeader header = {.outcome = static_cast<uint8_t>(Verdict::kDenied),
                             .reason = 0,
                             .rules = 1,
                             .time_ms = 1700000000000,
                             .revision = 17,
                             .slot = 5};
  for (const size_t size : {size_t{0}, size_t{9}, kRecordBytesMax, kRecordBytesMax + 1}) {
    const std::string record(size, 'x');
    const std::string outcome = EncodeOutcome(folded, AsBytes(record));
    const size_t head_bytes = kOutcomeHeadBytes - kLeafHeaderBytes;
    EXPECT_EQ(outcome.substr(head_bytes), EncodeLeaf(header, AsBytes(record))) << size;
  }
}

}  // namespace
}  // namespace conntrail::merkle
