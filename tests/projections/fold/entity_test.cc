#include "projections/fold/entity.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(Producer, NumbersInOrderLeaveNoGap) {
  Producer producer;
  for (uint64_t n = 1; n <= 5; ++n) {
    EXPECT_FALSE(producer.HasSeen(n));
    EXPECT_FALSE(producer.Advance(n));
    EXPECT_TRUE(producer.HasSeen(n));
  }
  EXPECT_TRUE(producer.gaps.empty());
}

TEST(Producer, ALateNumberFillsItsGapFromEitherEndOrTheMiddle) {
  Producer producer;
  producer.Advance(1);
  EXPECT_TRUE(producer.Advance(10));
  EXPECT_EQ(producer.gaps, (decltype(producer.gaps){{2, 9}}));
  producer.Advance(5);
  EXPECT_EQ(producer.gaps, (decltype(producer.gaps){{2, 4}, {6, 9}}));
  producer.Advance(2);
  producer.Advance(9);
  EXPECT_EQ(producer.gaps, (decltype(producer.gaps){{3, 4}, {6, 8}}));
  for (const uint64_t n : {3, 4, 6, 7, 8}) EXPECT_FALSE(producer.Advance(n));
  EXPECT_TRUE(producer.gaps.empty());
}

// Two gateways of one producer may be overtaken by one another from the first record on.
TEST(Producer, NumbersBeforeTheFirstThatCameAreNotTakenForSeen) {
  Producer producer;
  EXPECT_FALSE(producer.Advance(3)) << "a producer may begin anywhere: that alone is no gap";
  EXPECT_FALSE(producer.HasSeen(1));
  EXPECT_FALSE(producer.HasSeen(2));
  EXPECT_FALSE(producer.Advance(2));
  EXPECT_TRUE(producer.HasSeen(2));
  EXPECT_FALSE(producer.HasSeen(1));
}

// A number that is wrongly taken for seen makes its event a duplicate of nothing: lost.
TEST(Producer, KeepsAFewGapsAndTakesNothingMissingForSeen) {
  Producer jumping;
  Producer splitting;
  splitting.Advance(1);
  splitting.Advance(1000);
  for (uint64_t n = 1; n < 1000; n += 2) {
    jumping.Advance(n);
    if (n > 1) splitting.Advance(n);
  }
  for (const Producer& producer : {jumping, splitting}) {
    EXPECT_EQ(producer.gaps.size(), Producer::kGapsMax);
    for (uint64_t n = 2; n < 999; n += 2) EXPECT_FALSE(producer.HasSeen(n)) << n;
  }
}

TEST(Producer, BeyondTheLimitForgetsAsFewNumbersAsCanBe) {
  Producer producer;
  uint64_t number = 1;
  for (size_t gap = 0; gap <= Producer::kGapsMax; ++gap) {
    const uint64_t seen_between = gap == 10 ? 1 : 3;
    for (uint64_t i = 0; i < seen_between; ++i) producer.Advance(number++);
    ++number;
  }
  producer.Advance(number);
  EXPECT_EQ(producer.gaps.size(), Producer::kGapsMax);
  uint64_t forgotten = 0;
  for (const auto& [first, last] : producer.gaps) forgotten += last - first;
  EXPECT_EQ(forgotten, 2) << "one gap of three numbers, the middle one of which was seen";
}

TEST(Producer, RemembersWhatASetWould) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  for (int round = 0; round < 200; ++round) {
    Producer producer;
    std::set<uint64_t> seen;
    for (int i = 0; i < 60; ++i) {
      const uint64_t n = 1 + rng() % 60;
      ASSERT_EQ(producer.HasSeen(n), seen.contains(n)) << n;
      if (seen.insert(n).second) producer.Advance(n);
    }
  }
}

TEST(ProducerKey, DiffersByNameHoweverLong) {
  std::set<EntityKey> keys;
  std::string name;
  for (int length = 0; length < 80; ++length) {
    EXPECT_TRUE(keys.insert(ProducerKeyOf(name)).second) << length;
    name += 'p';
  }
}

TEST(EntityKind, NamesAreReadBack) {
  for (const EntityKind kind : {EntityKind::kConnection, EntityKind::kAccount, EntityKind::kGroup,
                                EntityKind::kWorkflow, EntityKind::kIntegration, EntityKind::kKey,
                                EntityKind::kOrg, EntityKind::kProducer, EntityKind::kUse}) {
    EXPECT_EQ(ParseEntityKind(EntityKindName(kind)), kind);
  }
  EXPECT_EQ(ParseEntityKind("none"), std::nullopt);
}

}  // namespace
}  // namespace conntrail
