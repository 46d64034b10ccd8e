#include "projections/merkle/tlog_proof.h"

#include <gtest/gtest.h>

#include "projections/merkle/proof.h"

namespace conntrail::merkle {
namespace {

constexpr size_t kSize = 11;
constexpr std::string_view kOrigin = "log.example/main/p0/o7";

Hash Leaf(uint64_t index) { return LeafHash(AsBytes("leaf " + std::to_string(index))); }

class Nodes : public NodeSource {
 public:
  Result<Hash> Node(const NodeId& node) override {
    if (node.level == 0) return Leaf(node.index);
    return NodeHash(*Node({node.level - 1, 2 * node.index}),
                    *Node({node.level - 1, 2 * node.index + 1}));
  }
};

const SigningKey& Key() {
  static const SigningKey key(Ed25519Seed{1, 2, 3});
  return key;
}
VerifierKey OurKey() { return {std::string(kOrigin), Key().public_key()}; }

TlogProof ProofOf(uint64_t index, std::string extra = "") {
  Nodes nodes;
  const SigningKey* const keys[] = {&Key()};
  const Checkpoint head = {std::string(kOrigin), kSize, *RootAt(nodes, kSize)};
  return {std::move(extra), index, *InclusionProof(nodes, index, kSize),
          SignCheckpoint(head, keys)};
}

// What somebody who is sent `text` finds.
Status Check(std::string_view text, const Hash& leaf, const VerifierKey& key) {
  CONNTRAIL_ASSIGN_OR_RETURN(const TlogProof proof, ParseTlogProof(text));
  return VerifyTlogProof(proof, leaf, key).status();
}

TEST(TlogProof, OfEveryLeafIsVerified) {
  for (uint64_t index = 0; index < kSize; ++index) {
    const TlogProof proof = ProofOf(index);
    const std::string text = FormatTlogProof(proof);
    const Result<TlogProof> read = ParseTlogProof(text);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, proof);
    const Result<Checkpoint> checkpoint = VerifyTlogProof(*read, Leaf(index), OurKey());
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status().ToString();
    EXPECT_EQ(checkpoint->size, kSize);
  }
}

TEST(TlogProof, IsTheTextOfTheSpecification) {
  const TlogProof proof = ProofOf(4, "bytes");
  std::string expected = "c2sp.org/tlog-proof@v1\nextra Ynl0ZXM=\nindex 4\n";
  for (const Hash& hash : proof.path) expected += HashText(hash) + "\n";
  EXPECT_EQ(FormatTlogProof(proof), expected + "\n" + proof.checkpoint);
}

TEST(TlogProof, EveryChangeOfOneByteAndEveryTruncationIsRefused) {
  const std::string text = FormatTlogProof(ProofOf(4));
  ASSERT_TRUE(Check(text, Leaf(4), OurKey()).ok());
  for (size_t at = 0; at < text.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other[at] = static_cast<char>(c);
      EXPECT_EQ(Check(other, Leaf(4), OurKey()).ok(), other == text) << at << " is " << c;
    }
    EXPECT_FALSE(Check(text.substr(0, at), Leaf(4), OurKey()).ok()) << at;
  }
}

TEST(TlogProof, OfAnotherLeafIndexKeyOrOriginIsRefused) {
  const TlogProof proof = ProofOf(4);
  EXPECT_FALSE(VerifyTlogProof(proof, Leaf(5), OurKey()).ok());
  for (uint64_t index = 0; index < kSize + 5; ++index) {
    TlogProof other = proof;
    other.index = index;
    EXPECT_EQ(VerifyTlogProof(other, Leaf(4), OurKey()).ok(), index == 4);
  }
  const SigningKey stranger(Ed25519Seed{9});
  EXPECT_FALSE(VerifyTlogProof(proof, Leaf(4), {std::string(kOrigin), stranger.public_key()}).ok());
  EXPECT_FALSE(
      VerifyTlogProof(proof, Leaf(4), {"log.example/main/p0/o8", Key().public_key()}).ok());
}

TEST(TlogProof, WithAPathToLongShortOrTurnedIsRefused) {
  TlogProof proof = ProofOf(4);
  std::swap(proof.path[0], proof.path[1]);
  EXPECT_FALSE(VerifyTlogProof(proof, Leaf(4), OurKey()).ok());
  std::swap(proof.path[0], proof.path[1]);
  proof.path.push_back(proof.path.back());
  EXPECT_FALSE(VerifyTlogProof(proof, Leaf(4), OurKey()).ok());
  proof.path.resize(proof.path.size() - 2);
  EXPECT_FALSE(VerifyTlogProof(proof, Leaf(4), OurKey()).ok());
  proof.path.assign(kProofHashesMax + 1, Hash{});
  EXPECT_FALSE(ParseTlogProof(FormatTlogProof(proof)).ok());
}

TEST(TlogProof, WithoutAnEmptyExtraLineAndWithNoSecondOne) {
  const std::string rest = FormatTlogProof(ProofOf(4)).substr(23);
  const std::string first = "c2sp.org/tlog-proof@v1\n";
  EXPECT_TRUE(Check(first + "extra YQ==\n" + rest, Leaf(4), OurKey()).ok());
  EXPECT_FALSE(Check(first + "extra \n" + rest, Leaf(4), OurKey()).ok());
  EXPECT_FALSE(Check(first + "extra\n" + rest, Leaf(4), OurKey()).ok());
  EXPECT_FALSE(Check(first + "extra YQ=\n" + rest, Leaf(4), OurKey()).ok());
  EXPECT_FALSE(Check(first + "extra YQ==\nextra YQ==\n" + rest, Leaf(4), OurKey()).ok());
}

}  // namespace
}  // namespace conntrail::merkle
