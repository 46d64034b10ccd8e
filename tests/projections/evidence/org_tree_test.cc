#include "projections/evidence/org_tree.h"

#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "projections/outcomes/outcome_record.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/random_events.h"

namespace conntrail {
namespace {

using merkle::Hash;

constexpr PartitionId kPartition{0};

// Keeps, of each org, the leaves that others are told of.
class LeafSink final : public OutcomeSink {
 public:
  void Take(std::span<const LogRecord> records, std::span<const FoldedRecord> folded) override {
    for (size_t i = 0; i < folded.size(); ++i) {
      const std::string outcome = EncodeOutcome(folded[i], records[i].payload);
      leaves[folded[i].org].push_back(outcome.substr(kOutcomeHeadBytes - merkle::kLeafHeaderBytes));
    }
  }
  Status Flush() override { return Status::Ok(); }

  std::map<OrgId, std::vector<std::string>> leaves;
};

Hash RootOf(const std::vector<std::string>& leaves, uint64_t size) {
  merkle::Hasher hasher;
  merkle::Frontier frontier;
  for (uint64_t i = 0; i < size; ++i) {
    frontier.Append(hasher, hasher.Leaf(AsBytes(leaves[i])),
                    [](const merkle::NodeId&, const Hash&) {});
  }
  return frontier.Root(hasher);
}

class OrgTreeTest : public testing::Test {
 protected:
  void Append(const Event& event) {
    ASSERT_TRUE(log_.Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  // One org with `count` records, sealed after each of `seals`.
  void OneOrg(uint64_t count, const std::vector<uint64_t>& seals) {
    Append(OfTheLog(OrgOpened{"Acme"}));
    size_t at = 0;
    for (uint64_t i = 1; i <= count; ++i) {
      if (i > 1) Append(Intent("alice", ConnectionDeleted{}).Id("e" + std::to_string(i)));
      if (at == seals.size() || seals[at] != i) continue;
      clock_.Set(clock_.Now() + kSealIntervalMs);
      Append(OfTheLog(Seal{}).Org({}).Id("s" + std::to_string(i)));
      ++at;
    }
  }
  void Project() {
    Projector::Options options;
    options.outcomes = &sink_;
    const auto projector = Projector::Open(log_, store_, kPartition, options);
    ASSERT_TRUE(projector.ok());
    ASSERT_EQ((*projector)->CatchUp().ToString(), "ok");
  }
  OrgView Open(uint32_t slot) {
    return *OrgView::OpenAt(store_.NewSnapshot(), {kPartition, OrgSlot(slot)});
  }
  const std::vector<std::string>& LeavesOf(const OrgView& org) {
    return sink_.leaves[org.state().id];
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
  MemoryStore store_;
  LeafSink sink_;
};

TEST_F(OrgTreeTest, RootsNodesTilesAndLeavesAreThoseOfTheOutcomes) {
  OneOrg(1100, {});
  Project();
  const OrgView org = Open(1);
  const std::vector<std::string>& leaves = LeavesOf(org);
  ASSERT_EQ(leaves.size(), 1100u);
  TileCache cache(4);  // smaller than the tree
  OrgTree tree(org, &cache);
  ASSERT_EQ(tree.size(), 1100u);
  for (const uint64_t size :
       {0, 1, 2, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 1099, 1100}) {
    EXPECT_EQ(*merkle::RootAt(tree, size), RootOf(leaves, size)) << size;
  }
  EXPECT_EQ((*tree.Tile(0, 4, 76))->size(), 76u);
  EXPECT_EQ((*tree.Tile(0, 4, 76))->back(), merkle::LeafHash(AsBytes(leaves[1099])));
  EXPECT_EQ((*tree.Tile(1, 0, 4))->size(), 4u);
  EXPECT_EQ((*tree.Tile(1, 0, 3))->back(),
            RootOf({leaves.begin() + 512, leaves.begin() + 768}, 256));
  uint64_t next = 250;
  EXPECT_TRUE(tree.ForEachLeaf(250, 520,
                               [&](const OrgTree::Leaf& leaf) {
                                 EXPECT_EQ(leaf.index, next);
                                 EXPECT_EQ(leaf.bytes, leaves[next++]);
                                 return Status::Ok();
                               })
                  .ok());
  EXPECT_EQ(next, 520u);
  for (const uint64_t index : {0, 255, 256, 777, 1099}) {
    const auto proof = merkle::InclusionProof(tree, index, 1100);
    EXPECT_TRUE(merkle::VerifyInclusion(merkle::LeafHash(AsBytes(leaves[index])), index, 1100,
                                        *proof, RootOf(leaves, 1100)));
  }
  const auto proof = merkle::ConsistencyProof(tree, 300, 1100);
  EXPECT_TRUE(
      merkle::VerifyConsistency(300, RootOf(leaves, 300), 1100, RootOf(leaves, 1100), *proof));
}

TEST_F(OrgTreeTest, ASealFixesTheHeadsOfAllTrees) {
  OneOrg(20, {3, 4, 9, 20});
  Project();
  const OrgView org = Open(1), system = Open(0);
  OrgTree tree(org), system_tree(system);
  std::vector<std::pair<uint64_t, uint64_t>> heads;  // seal, size
  ASSERT_TRUE(tree.ForEachSealed([&](const SealedHead& head) {
                    EXPECT_EQ(head.head.root, RootOf(LeavesOf(org), head.head.size));
                    heads.emplace_back(head.seal, head.head.size);
                    return true;
                  })
                  .ok());
  EXPECT_EQ(heads, (std::vector<std::pair<uint64_t, uint64_t>>{{3, 20}, {2, 9}, {1, 4}, {0, 3}}));

  for (uint64_t number = 0; number < 4; ++number) {
    const auto seal = *ReadSeal(org.snapshot(), kPartition, number);
    ASSERT_TRUE(seal.has_value());
    EXPECT_EQ(seal->slots, 2u);
    const SealedHead own = **tree.SealedBy(number);
    const SealedHead of_system = **system_tree.SealedBy(number);
    EXPECT_EQ(of_system.head.size, number + 1) << "the seal is sealed with the rest";
    EXPECT_EQ(of_system.head.root, RootOf(LeavesOf(system), number + 1));
    EXPECT_EQ(seal->records, own.head.size + of_system.head.size);
    EXPECT_EQ(seal->heads_root,
              merkle::NodeHash(merkle::LeafHash(AsBytes(EncodeHeadRow(of_system.head))),
                               merkle::LeafHash(AsBytes(EncodeHeadRow(own.head)))));
  }
  EXPECT_EQ(*ReadSeal(org.snapshot(), kPartition, 4), std::nullopt);
  EXPECT_EQ((*LastSeal(org.snapshot(), kPartition))->number, 3u);
}

TEST_F(OrgTreeTest, TheSealedHeadAtOrAroundASizeIsFound) {
  OneOrg(30, {3, 4, 9, 20, 30});
  Project();
  const OrgView org = Open(1);
  const OrgTree tree(org);
  const auto size_of = [](const Result<std::optional<SealedHead>>& head) {
    return head.ok() && head->has_value() ? (*head)->head.size : 0;
  };
  const std::vector<uint64_t> sealed = {3, 4, 9, 20, 30};
  for (uint64_t size = 0; size <= 31; ++size) {
    uint64_t up_to = 0, from = 0;
    for (const uint64_t s : sealed) {
      if (s <= size) up_to = s;
      if (s >= size && from == 0) from = s;
    }
    EXPECT_EQ(size_of(tree.SealedUpTo(size)), up_to) << size;
    EXPECT_EQ(size_of(tree.SealedFrom(size)), from) << size;
  }
}

TEST_F(OrgTreeTest, WithoutASealThereIsNoHead) {
  OneOrg(3, {});
  Project();
  const OrgView org = Open(1);
  EXPECT_EQ(*OrgTree(org).LastSealed(), std::nullopt);
  EXPECT_EQ(*OrgTree(org).SealedUpTo(3), std::nullopt);
  EXPECT_EQ(*OrgTree(org).SealedFrom(0), std::nullopt);
  EXPECT_EQ(*LastSeal(org.snapshot(), kPartition), std::nullopt);
}

TEST_F(OrgTreeTest, HeadsAreTheSameHoweverTheLogIsCutIntoBatches) {
  RandomEvents random(7);
  AppendRandomEvents(random, 3000, log_, clock_);
  Project();
  for (const size_t batch : {1, 2, 7, 300}) {
    MemoryStore other;
    Projector::Options options;
    options.batch_records_max = batch;
    uint64_t stop = batch * 5;
    while (true) {  // opened anew now and then, as after a crash
      const auto projector = Projector::Open(log_, other, kPartition, options);
      ASSERT_TRUE(projector.ok()) << projector.status().ToString();
      size_t applied = 1;
      while (applied > 0 && (*projector)->next().value < stop) applied = *(*projector)->Step();
      if (applied == 0) break;
      stop += 400;
    }
    const auto rows = [](const Store& store) {
      std::map<std::string, std::string> all;
      const auto snapshot = store.NewSnapshot();
      const auto at = snapshot->NewIterator(Family::kEvidence);
      for (at->Seek(""); at->Valid(); at->Next()) all.emplace(at->key(), at->value());
      return all;
    };
    EXPECT_GT(rows(store_).size(), 30u);
    EXPECT_EQ(rows(other), rows(store_)) << batch;
  }
}

TEST_F(OrgTreeTest, ANodeThatHasSomethingElseAtASealIsNoticed) {
  OneOrg(5, {1, 3, 5});
  Project();
  const auto seal = **ReadSeal(*store_.NewSnapshot(), kPartition, 1);
  const auto say = [&](uint64_t number, Digest root) {
    clock_.Set(clock_.Now() + kSealIntervalMs);
    Append(
        OfTheLog(Seal{{}, SealSeen{number, root}}).Org({}).Id("x" + std::to_string(clock_.Now())));
    Project();
    return *LastDissent(*store_.NewSnapshot(), kPartition);
  };
  EXPECT_EQ(say(1, seal.heads_root), std::nullopt) << "it agrees";
  EXPECT_EQ(say(99, seal.heads_root), std::nullopt) << "nothing is known of that";
  Digest other = seal.heads_root;
  other[7] ^= 1;
  const auto dissent = say(1, other);
  ASSERT_TRUE(dissent.has_value());
  EXPECT_EQ(dissent->number, 1u);
  EXPECT_EQ(dissent->seal.heads_root, other);
}

}  // namespace
}  // namespace conntrail
