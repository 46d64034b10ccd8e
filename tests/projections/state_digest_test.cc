#include "projections/state_digest.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/rebuild.h"
#include "projections/store/keys.h"
#include "projections/store/memory_store.h"
#include "projections/store/row_codec.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/store_rows.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};
constexpr size_t kAppendTimeAt = 74 + 4 + 4 + 8 + 16 + 8;  // in a trail row

class StateDigestTest : public testing::Test {
 protected:
  void Append(size_t count) {
    AppendVariedEvents(events_, count, log_, clock_);
    const auto projector = Projector::Open(log_, store_, kPartition).value();
    ASSERT_EQ(projector->CatchUp().ToString(), "ok");
  }
  static Result<StateDigests> DigestsOf(const Store& store) {
    return ComputeDigests(*store.NewSnapshot(), kPartition);
  }
  void Put(Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_TRUE(store_.Write(batch, kPartition, store_.Applied(kPartition).value()).ok());
  }
  void Delete(Family family, const std::string& key) {
    WriteBatch batch;
    batch.Delete(family, key);
    ASSERT_TRUE(store_.Write(batch, kPartition, store_.Applied(kPartition).value()).ok());
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
  VariedEvents events_{3};
  MemoryStore store_;
  std::mt19937_64 random_{5};
};

TEST_F(StateDigestTest, IsTheSameForEveryStoreAndEveryWayThere) {
  Append(1200);
  const StateDigests digests = DigestsOf(store_).value();
  EXPECT_EQ(digests.records, 1200);
  EXPECT_EQ(digests.state.size(), 64);
  const ScratchDir scratch;
  const auto stepwise = RocksDbStore::Open(scratch / "stepwise").value();
  const auto projector =
      Projector::Open(log_, *stepwise, kPartition, {.batch_records_max = 13}).value();
  ASSERT_TRUE(projector->CatchUp().ok());
  EXPECT_EQ(DigestsOf(*stepwise).value(), digests);
  ASSERT_TRUE(BuildProjection(log_, kPartition, scratch / "built", {}, nullptr).ok());
  EXPECT_EQ(DigestsOf(*RocksDbStore::Open(scratch / "built").value()).value(), digests);
}

TEST_F(StateDigestTest, ChangesWithEveryRecord) {
  std::set<std::string> outcomes;
  for (int i = 0; i < 100; ++i) {
    Append(1);
    EXPECT_TRUE(outcomes.insert(DigestsOf(store_).value().outcomes).second) << i;
  }
}

TEST_F(StateDigestTest, OfNothingIsADigest) {
  const StateDigests nothing = DigestsOf(store_).value();
  EXPECT_EQ(nothing.records, 0);
  Append(1);
  EXPECT_NE(DigestsOf(store_).value().state, nothing.state);
}

// What the digest is of, in an org's row.
bool SameForTheDigest(const OrgState& a, const OrgState& b) {
  return a.id == b.id && a.slot == b.slot && a.name == b.name && a.next_index == b.next_index &&
         a.effective_time_ms == b.effective_time_ms && a.connection_slots == b.connection_slots;
}

// Changes bytes of every entity and org row. Where the row then says something else, so does the
// digest; where it says nothing any more, there is no digest.
TEST_F(StateDigestTest, TellsEveryDifferenceOfEveryStateRow) {
  Append(400);
  const StateDigests digests = DigestsOf(store_).value();
  size_t told = 0;
  for (const auto& [key, value] : RowsOf(store_, Family::kState)) {
    const bool is_entity = key.size() >= 24 && key[6] == 0x10;
    if (!is_entity && !keys::IsOrgRow(key)) continue;
    for (int i = 0; i < 40; ++i) {
      std::string changed = value;
      changed[random_() % changed.size()] ^= static_cast<char>(1 + random_() % 255);
      bool readable, same;
      if (is_entity) {
        const auto entity = DecodeEntity(changed);
        readable = entity.ok();
        same = readable && *entity == DecodeEntity(value).value();
      } else {
        const auto org = DecodeOrgState(changed);
        readable = org.ok();
        same = readable && SameForTheDigest(*org, DecodeOrgState(value).value());
      }
      Put(Family::kState, key, changed);
      const Result<StateDigests> now = DigestsOf(store_);
      if (!readable) {
        EXPECT_EQ(now.status().code(), StatusCode::kCorruption);
      } else if (now.ok()) {
        EXPECT_EQ(*now == digests, same) << ToHex(AsBytes(key)) << " " << ToHex(AsBytes(changed));
        told += !same;
      } else {
        EXPECT_FALSE(same);
      }
    }
    Put(Family::kState, key, value);
    if (is_entity) {
      Delete(Family::kState, key);
      EXPECT_NE(DigestsOf(store_).value().state, digests.state);
      Put(Family::kState, key, value);
    }
  }
  EXPECT_EQ(DigestsOf(store_).value(), digests);
  EXPECT_GT(told, 200);
}

TEST_F(StateDigestTest, TellsEveryDifferenceOfEveryTrailRowButItsAppendTime) {
  Append(150);
  const StateDigests digests = DigestsOf(store_).value();
  for (const auto& [key, value] : RowsOf(store_, Family::kTrail)) {
    for (int i = 0; i < 12; ++i) {
      // Half of them in what stands before the event.
      const size_t within = i % 2 == 0 ? kAppendTimeAt + 8 : value.size();
      const size_t at = random_() % within;
      std::string changed = value;
      changed[at] ^= static_cast<char>(1 + random_() % 255);
      Put(Family::kTrail, key, changed);
      const Result<StateDigests> now = DigestsOf(store_);
      if (!now.ok()) {
        EXPECT_LT(at, 74) << "only a line can be unreadable";
        continue;
      }
      const bool is_append_time = at >= kAppendTimeAt && at < kAppendTimeAt + 8;
      EXPECT_EQ(now->outcomes == digests.outcomes, is_append_time) << at;
      EXPECT_EQ(now->state, digests.state);
    }
    Put(Family::kTrail, key, value);
  }
}

TEST_F(StateDigestTest, AMissingOrSurplusRowIsCorruption) {
  Append(300);
  size_t tried = 0;
  for (const auto& [key, value] : RowsOf(store_, Family::kTrail)) {
    if (++tried % 7 != 0) continue;
    Delete(Family::kTrail, key);
    EXPECT_EQ(DigestsOf(store_).status().code(), StatusCode::kCorruption);
    Put(Family::kTrail, key, value);
  }
  ASSERT_TRUE(DigestsOf(store_).ok());
  const auto [key, value] = RowsOf(store_, Family::kTrail).front();
  std::string surplus = key;
  surplus.back() = static_cast<char>(surplus.back() - 1);  // one index on
  Put(Family::kTrail, surplus, value);
  EXPECT_EQ(DigestsOf(store_).status().code(), StatusCode::kCorruption);
  Delete(Family::kTrail, surplus);
  Delete(Family::kState, keys::OrgRow({kPartition, OrgSlot(1)}));
  EXPECT_EQ(DigestsOf(store_).status().code(), StatusCode::kCorruption);
}

}  // namespace
}  // namespace conntrail
