#include "projections/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "projections/views/org_view.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/store_rows.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

class RebuildTest : public testing::Test {
 protected:
  void Append(const Event& event) {
    ASSERT_TRUE(log_.Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  void AppendVaried(size_t count) { AppendVariedEvents(events_, count, log_, clock_); }

  void Project(Store& store, size_t batch_records_max = 1000) {
    const auto projector =
        Projector::Open(log_, store, kPartition, {.batch_records_max = batch_records_max});
    ASSERT_TRUE(projector.ok()) << projector.status().ToString();
    ASSERT_EQ((*projector)->CatchUp().ToString(), "ok");
  }
  Status Build(const std::string& name,
               const std::function<void(uint64_t, uint64_t)>& progress = nullptr) {
    return BuildProjection(log_, kPartition, scratch_ / name, {}, progress);
  }
  std::unique_ptr<RocksDbStore> Open(const std::string& name) {
    return RocksDbStore::Open(scratch_ / name).value();
  }

  ScratchDir scratch_;
  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
  VariedEvents events_{99};
};

TEST_F(RebuildTest, GivesTheRowsOfAProjectorByteForByte) {
  AppendVaried(3000);
  ASSERT_EQ(Build("built").ToString(), "ok");
  const auto built = Open("built");
  MemoryStore memory;
  Project(memory);
  EXPECT_EQ(FirstDifference(*built, memory), "");
  const auto stepwise = Open("stepwise");
  Project(*stepwise, 17);
  EXPECT_EQ(FirstDifference(*built, *stepwise), "");
  EXPECT_EQ(OrgView::ListOrgs(*built->NewSnapshot(), kPartition).value().size(), 3);
}

TEST_F(RebuildTest, OfAnEmptyLogIsAnEmptyStore) {
  ASSERT_EQ(Build("built").ToString(), "ok");
  MemoryStore memory;
  Project(memory);
  EXPECT_EQ(FirstDifference(*Open("built"), memory), "");
}

TEST_F(RebuildTest, OfTheSystemsRecordsAloneGivesTheSame) {
  Append(OfTheLog(Seal{}).Org({}));
  Append(Intent("alice", Create("pager")));  // its org is not open
  ASSERT_EQ(Build("built").ToString(), "ok");
  MemoryStore memory;
  Project(memory);
  EXPECT_EQ(FirstDifference(*Open("built"), memory), "");
}

// The requests that may be retried are read back from the trail, the cache is cold, and all goes on
// as if nothing had been.
TEST_F(RebuildTest, AProjectorGoesOnFromItAsFromItsOwn) {
  MemoryStore memory;
  for (const size_t cut : {1, 2, 255, 256, 257, 700, 1400}) {
    const std::string name = "built" + std::to_string(cut);
    AppendVaried(cut);
    ASSERT_EQ(Build(name).ToString(), "ok");
    const auto built = Open(name);
    AppendVaried(300);
    Project(*built, 50);
    Project(memory);
    ASSERT_EQ(FirstDifference(*built, memory), "") << "cut at " << cut;
  }
}

TEST_F(RebuildTest, ARetryIsStillKnownAfterwards) {
  const Event create = Intent("alice", Create("pager")).IdempotencyKey("k").RequestHash("one");
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(create);
  ASSERT_EQ(Build("built").ToString(), "ok");
  Append(create);
  Append(Intent("alice", Create("other")).IdempotencyKey("k").RequestHash("two"));
  const auto built = Open("built");
  Project(*built);
  const auto trail = TrailOf(*built, 1);
  ASSERT_EQ(trail.size(), 4);
  EXPECT_EQ(trail[2].row.line.verdict, Verdict::kDuplicate);
  EXPECT_EQ(trail[2].row.first, OrgIndex(1));
  EXPECT_EQ(trail[3].row.line.reason, Reason::kRequestDiffers);
}

TEST_F(RebuildTest, StandsAtWhatWasTheEndAtTheBeginning) {
  AppendVaried(500);
  std::vector<std::pair<uint64_t, uint64_t>> told;
  const Status status = Build("built", [&](uint64_t next, uint64_t end) {
    told.emplace_back(next, end);
    AppendVaried(10);
  });
  ASSERT_EQ(status.ToString(), "ok");
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), std::make_pair(uint64_t{500}, uint64_t{500}));
  const auto built = Open("built");
  EXPECT_EQ(built->Applied(kPartition).value(), Offset(500));
  Project(*built);
  MemoryStore memory;
  Project(memory);
  EXPECT_EQ(FirstDifference(*built, memory), "");
}

TEST_F(RebuildTest, StopsAtRulesThatThisBuildDoesNotKnow) {
  AppendVaried(100);
  Append(OfTheLog(RulesActivated{RulesVersion(kRulesVersionMax.value + 1)}).Org({}));
  const Status status = Build("built");
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), testing::HasSubstr("record 100"));
}

TEST_F(RebuildTest, RefusesADirectoryThatIsNotEmpty) {
  AppendVaried(10);
  ASSERT_EQ(Build("built").ToString(), "ok");
  EXPECT_FALSE(Build("built").ok());
  MemoryStore memory;
  Project(memory);
  EXPECT_EQ(FirstDifference(*Open("built"), memory), "");
}

}  // namespace
}  // namespace conntrail
