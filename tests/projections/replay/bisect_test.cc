#include "projections/replay/bisect.h"

#include <gmock/gmock.h>

#include "projections/evidence/org_tree.h"
#include "tests/projections/replay/sealed_history.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

BisectAnswer BisectOf(const Store& a, const Store& b) {
  const auto answer = Bisect(a.NewSnapshot(), b.NewSnapshot(), kPartition, nullptr);
  EXPECT_TRUE(answer.ok()) << answer.status().ToString();
  return answer.ok() ? *answer : BisectAnswer{};
}

std::vector<SealedHistory::Record> WithoutSeals(std::vector<SealedHistory::Record> records) {
  std::erase_if(records, [](const SealedHistory::Record& r) {
    const DecodedEvent decoded = DecodeEvent(r.payload);
    return decoded.fault == DecodeFault::kNone && decoded.event.type() == EventType::kSeal;
  });
  return records;
}

// The offset of the record that differs, by the place it has in its trail.
size_t OffsetOf(SealedHistory& history, const BisectFound& found) {
  MemoryStore store;
  const auto projector = Projector::Open(history.log, store, kPartition).value();
  size_t at = ~size_t{0};
  projector->set_listener([&](const std::vector<FoldedRecord>& folded) {
    for (const FoldedRecord& record : folded) {
      const auto org = OrgView::OpenAt(store.NewSnapshot(), found.org);
      if (org.ok() && record.org == org->state().id && record.line.place.index == found.index) {
        at = record.offset.value;
      }
    }
  });
  EXPECT_TRUE(projector->CatchUp().ok());
  return at;
}

TEST(Bisect, OfOneHistoryFindsNothingHoweverItWasFolded) {
  SealedHistory history(SealedHistory::Records(31, 1200, 1), 1);
  const BisectAnswer answer = BisectOf(*history.Store(kPartition), *history.Store(kPartition, 37));
  EXPECT_TRUE(answer.is_equal());
  EXPECT_GT(answer.seals, 5u);
  EXPECT_EQ(answer.equal, answer.seals - 1);
  EXPECT_LT(answer.records_compared, 1200u) << "what is sealed alike is not read";
}

// Copies of one log that were read in other pieces: all seals and all roots are equal.
TEST(Bisect, ACopiedLogHasTheSameHeadsRootAtEverySeal) {
  const auto records = SealedHistory::Records(32, 1500, 1);
  SealedHistory a(records, 1), b(records, 1, "another id");
  const auto store_a = a.Store(kPartition, 11), store_b = b.Store(kPartition, 997);
  const auto x = store_a->NewSnapshot(), y = store_b->NewSnapshot();
  const uint64_t seals = (*LastSeal(*x, kPartition))->number + 1;
  ASSERT_GT(seals, 5u);
  for (uint64_t number = 0; number <= seals; ++number) {
    EXPECT_EQ(*ReadSeal(*x, kPartition, number), *ReadSeal(*y, kPartition, number)) << number;
  }
}

TEST(Bisect, FindsTheFirstRecordThatDiffersWhereverItIs) {
  const auto records = SealedHistory::Records(33, 800, 1);
  SealedHistory original(records, 1);
  const auto store = original.Store(kPartition);
  for (const size_t at : {2, 3, 100, 399, 640, 797}) {
    auto changed = records;
    changed[at].payload.back() ^= std::byte{1};
    SealedHistory other(changed, 1);
    const BisectAnswer answer = BisectOf(*store, *other.Store(kPartition));
    ASSERT_TRUE(answer.found) << at;
    const size_t offset = OffsetOf(original, *answer.found);
    const size_t other_offset = OffsetOf(other, *answer.found);
    EXPECT_TRUE(offset == at || other_offset == at) << at << " " << offset;
    if (answer.found->a.record && answer.found->b.record) {
      EXPECT_NE(answer.found->a.leaf, answer.found->b.leaf);
    }
  }
}

TEST(Bisect, WithoutASealThatBothHaveAllIsCompared) {
  const auto records = WithoutSeals(SealedHistory::Records(34, 700, 1));
  SealedHistory original(records, 1);
  auto changed = records;
  changed[300].payload.back() ^= std::byte{1};
  SealedHistory other(changed, 1);
  const BisectAnswer answer = BisectOf(*original.Store(kPartition), *other.Store(kPartition));
  EXPECT_EQ(answer.seals, 0u);
  EXPECT_FALSE(answer.equal);
  ASSERT_TRUE(answer.found);
  const BisectAnswer same = BisectOf(*original.Store(kPartition), *original.Store(kPartition, 3));
  EXPECT_TRUE(same.is_equal());
  EXPECT_EQ(same.records_compared, records.size());
}

TEST(Bisect, ThatOneIsAheadIsNoDifference) {
  const auto records = SealedHistory::Records(35, 500, 1);
  SealedHistory behind({records.begin(), records.begin() + 400}, 1), ahead(records, 1);
  const BisectAnswer answer = BisectOf(*behind.Store(kPartition), *ahead.Store(kPartition));
  EXPECT_TRUE(answer.is_equal());
  EXPECT_EQ(answer.records_a, 400u);
  EXPECT_EQ(answer.records_b, 500u);
}

TEST(Bisect, ASealThatIsDamagedIsToldApartFromARecord) {
  SealedHistory history(SealedHistory::Records(36, 500, 1), 1);
  const auto store = history.Store(kPartition), damaged = history.Store(kPartition);
  const uint64_t last = (*LastSeal(*store->NewSnapshot(), kPartition))->number;
  FlipBit(*damaged, kPartition, Family::kEvidence, keys::SealRow(kPartition, last), 8 * 30);
  const BisectAnswer answer = BisectOf(*store, *damaged);
  EXPECT_EQ(answer.different, last);
  EXPECT_FALSE(answer.found);
  EXPECT_TRUE(answer.only_evidence_differs);
}

}  // namespace
}  // namespace conntrail
