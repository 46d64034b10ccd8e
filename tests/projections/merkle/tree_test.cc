#include <string>

#include <gtest/gtest.h>

#include "projections/merkle/proof.h"
#include "projections/merkle/vector_tree.h"

namespace conntrail::merkle {
namespace {

std::string Hex(const Hash& hash) { return ToHex(std::as_bytes(std::span(hash))); }

// MTH of RFC 6962, section 2.1, word for word.
Hash Mth(std::span<const Hash> leaves) {
  if (leaves.empty()) return EmptyRoot();
  if (leaves.size() == 1) return leaves.front();
  size_t k = 1;
  while (2 * k < leaves.size()) k *= 2;
  return NodeHash(Mth(leaves.first(k)), Mth(leaves.subspan(k)));
}

std::vector<Hash> Leaves(size_t count) {
  std::vector<Hash> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back(LeafHash(AsBytes(std::to_string(i))));
  return leaves;
}

class Nodes : public NodeSource {
 public:
  explicit Nodes(std::vector<Hash> leaves) : leaves_(std::move(leaves)) {}
  Result<Hash> Node(const NodeId& node) override {
    const size_t count = size_t{1} << node.level;
    EXPECT_LE((node.index + 1) * count, leaves_.size());
    return Mth(std::span(leaves_).subspan(node.index * count, count));
  }
  Hash Root(size_t size) const { return Mth(std::span(leaves_).first(size)); }
  const Hash& leaf(size_t index) const { return leaves_[index]; }

 private:
  std::vector<Hash> leaves_;
};

constexpr size_t kSize = 70;

// The trees that Certificate Transparency's implementations are tested with.
TEST(MerkleTree, HasTheRootsThatOthersHave) {
  const std::vector<std::string> leaves = {
      "",         std::string("\x00", 1), "\x10", "\x20\x21", "\x30\x31", "@ABC",
      "PQRSTUVW", "`abcdefghijklmno"};
  const char* const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Hasher hasher;
  Frontier frontier;
  EXPECT_EQ(Hex(frontier.Root(hasher)),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (size_t i = 0; i < leaves.size(); ++i) {
    const auto ignore = [](const NodeId&, const Hash&) {};
    frontier.Append(hasher, hasher.Leaf(AsBytes(leaves[i])), ignore);
    EXPECT_EQ(Hex(frontier.Root(hasher)), roots[i]) << i + 1 << " leaves";
  }
}

TEST(MerkleTree, TheHashOfALeafInTwoPiecesIsThatOfTheWhole) {
  Hasher hasher;
  EXPECT_EQ(hasher.Leaf(AsBytes("head"), AsBytes("rest")), LeafHash(AsBytes("headrest")));
}

TEST(MerkleTree, AFrontierNamesEachNodeOnceAndItsRootIsTheTrees) {
  Nodes nodes(Leaves(kSize));
  Hasher hasher;
  Frontier frontier;
  for (size_t size = 0; size < kSize; ++size) {
    EXPECT_EQ(frontier.Root(hasher), nodes.Root(size));
    std::vector<NodeId> completed;
    frontier.Append(hasher, nodes.leaf(size), [&](const NodeId& node, const Hash& hash) {
      completed.push_back(node);
      EXPECT_EQ(hash, *nodes.Node(node));
    });
    for (size_t level = 1; level <= completed.size(); ++level) {
      EXPECT_EQ(completed[level - 1],
                (NodeId{static_cast<int>(level), (size + 1) / (size_t{1} << level) - 1}));
    }
    EXPECT_EQ(completed.size(), static_cast<size_t>(std::countr_zero(size + 1)));
    Frontier stored;
    ASSERT_TRUE(stored.Restore(frontier.size(), frontier.roots()));
    EXPECT_EQ(stored, frontier);
    EXPECT_FALSE(stored.Restore(frontier.size() ^ 1, frontier.roots()));
  }
}

TEST(MerkleTree, EveryInclusionIsProvenAndNothingElse) {
  Nodes nodes(Leaves(kSize));
  for (size_t size = 1; size <= kSize; ++size) {
    const Hash root = nodes.Root(size);
    EXPECT_EQ(*RootAt(nodes, size), root);
    for (size_t index = 0; index < size; ++index) {
      std::vector<Hash> proof = *InclusionProof(nodes, index, size);
      EXPECT_TRUE(VerifyInclusion(nodes.leaf(index), index, size, proof, root));
      EXPECT_FALSE(VerifyInclusion(nodes.leaf(size % kSize == index ? 0 : size % kSize), index,
                                   size, proof, root) &&
                   size % kSize != index)
          << "another leaf";
      for (size_t other = 0; other <= size; ++other) {
        EXPECT_EQ(VerifyInclusion(nodes.leaf(index), other, size, proof, root), other == index);
      }
      for (Hash& hash : proof) {
        hash[size % 32] ^= 1;
        EXPECT_FALSE(VerifyInclusion(nodes.leaf(index), index, size, proof, root));
        hash[size % 32] ^= 1;
      }
      proof.push_back(root);
      EXPECT_FALSE(VerifyInclusion(nodes.leaf(index), index, size, proof, root)) << "one too many";
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_FALSE(VerifyInclusion(nodes.leaf(index), index, size, proof, root))
          << "one is missing";
    }
  }
}

TEST(MerkleTree, EveryBeginningIsProvenAndNothingElse) {
  Nodes nodes(Leaves(kSize));
  for (size_t to = 0; to <= kSize; ++to) {
    for (size_t from = 0; from <= to; ++from) {
      std::vector<Hash> proof = *ConsistencyProof(nodes, from, to);
      const Hash before = nodes.Root(from), after = nodes.Root(to);
      EXPECT_TRUE(VerifyConsistency(from, before, to, after, proof)) << from << " in " << to;
      EXPECT_FALSE(VerifyConsistency(from, before, to, before, proof) && before != after &&
                   from > 0);
      EXPECT_FALSE(VerifyConsistency(from, after, to, after, proof) && before != after);
      EXPECT_FALSE(VerifyConsistency(to + 1, before, to, after, proof));
      for (Hash& hash : proof) {
        hash[to % 32] ^= 1;
        EXPECT_FALSE(VerifyConsistency(from, before, to, after, proof));
        hash[to % 32] ^= 1;
      }
      proof.push_back(after);
      EXPECT_FALSE(VerifyConsistency(from, before, to, after, proof)) << "one too many";
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_FALSE(VerifyConsistency(from, before, to, after, proof)) << "one is missing";
    }
  }
}

TEST(MerkleTree, AVectorHasTheRootOfItsLeavesWhicheverChange) {
  Hasher hasher;
  VectorTree tree;
  EXPECT_EQ(tree.Root(hasher), EmptyRoot());
  std::vector<Hash> leaves;
  uint64_t random = 1;
  for (size_t round = 0; round < 300; ++round) {
    const size_t changes = 1 + round % 5;
    for (size_t i = 0; i < changes; ++i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const size_t index = round % 3 == 0 ? leaves.size() : (random >> 33) % (leaves.size() + 1);
      const Hash leaf = LeafHash(AsBytes(std::to_string(random)));
      tree.Set(index, leaf);
      if (index == leaves.size()) leaves.push_back(leaf);
      leaves[index] = leaf;
    }
    ASSERT_EQ(tree.Root(hasher), Mth(leaves)) << leaves.size() << " leaves";
  }
}

}  // namespace
}  // namespace conntrail::merkle
