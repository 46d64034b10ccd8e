#include "projections/projector.h"

#include <set>

#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/faulty_store.h"
#include "tests/support/random_events.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

Status CatchUp(EventLog& log, Store& store, Projector::Options options = {}) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto projector,
                             Projector::Open(log, store, kPartition, options));
  return projector->CatchUp();
}

class ProjectorTest : public testing::Test {
 protected:
  void Append(const Event& event) {
    ASSERT_TRUE(log_.Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  void AppendRandom(uint64_t seed, size_t count) {
    RandomEvents random(seed);
    AppendRandomEvents(random, count, log_, clock_);
  }
  // A store that was made without any trouble.
  std::unique_ptr<MemoryStore> Undisturbed() {
    auto store = std::make_unique<MemoryStore>();
    EXPECT_TRUE(CatchUp(log_, *store).ok());
    return store;
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
};

TEST_F(ProjectorTest, EveryRecordOfTheLogStandsInOneTrailWithItsBytes) {
  AppendRandom(1, 700);
  const auto store = Undisturbed();
  std::multiset<std::string> on_the_log;
  const auto read = log_.Read(kPartition, Offset(0), 1 << 30);
  for (const LogRecord& record : read->records) on_the_log.emplace(AsText(record.payload));

  std::multiset<std::string> in_trails;
  for (const uint32_t slot : {0, 1, 2}) {
    uint64_t index = 0;
    UnixMs time_ms = 0;
    for (const OwnedTrailRow& row : TrailOf(*store, slot)) {
      in_trails.insert(row.event);
      EXPECT_EQ(row.row.line.place.index.value, index++) << "dense";
      EXPECT_GE(row.row.line.place.time_ms, time_ms) << "never back";
      EXPECT_NE(row.row.line.verdict, Verdict::kNone);
      time_ms = row.row.line.place.time_ms;
    }
  }
  EXPECT_EQ(on_the_log.size(), 700);
  EXPECT_EQ(in_trails, on_the_log);
}

// The write of each batch in turn is lost, or kept but reported lost; then everything that was not
// flushed is lost, or nothing, or some.
TEST_F(ProjectorTest, ACrashAtAnyBatchLosesNothingAndRepeatsNothing) {
  AppendRandom(2, 120);
  const auto undisturbed = Undisturbed();
  const Projector::Options small{.read_bytes_max = 3000, .batch_records_max = 7};
  for (const WriteFault fault : {WriteFault::kLost, WriteFault::kKept}) {
    for (size_t batch = 0; batch < 19; ++batch) {
      for (const size_t survivors : {size_t{0}, batch / 2, size_t{1000}}) {
        FaultyStore store;
        store.FailAfter(batch, fault);
        const Status failed = CatchUp(log_, store, small);
        if (failed.ok()) continue;  // there were not so many batches
        store.Crash(survivors);
        ASSERT_EQ(CatchUp(log_, store, small).ToString(), "ok");
        ASSERT_EQ(FirstDifference(store, *undisturbed), "")
            << "batch " << batch << " survivors " << survivors;
      }
    }
  }
}

TEST_F(ProjectorTest, AFailedWriteIsReportedAndTheStoreStandsBeforeTheBatch) {
  AppendRandom(3, 20);
  FaultyStore store;
  store.FailAfter(2, WriteFault::kLost);
  auto projector = Projector::Open(log_, store, kPartition, {.batch_records_max = 5});
  const Status failed = (*projector)->CatchUp();
  EXPECT_EQ(failed.code(), StatusCode::kIo);
  EXPECT_EQ((*projector)->next(), Offset(10));
  EXPECT_EQ(store.Applied(kPartition).value(), Offset(10));
}

TEST_F(ProjectorTest, HoweverTheLogIsCutIntoBatchesTheRowsAreTheSame) {
  AppendRandom(4, 600);
  const auto undisturbed = Undisturbed();
  for (const size_t records : {1, 2, 255, 256, 257}) {
    for (const size_t bytes : {1, 5000}) {
      MemoryStore store;
      ASSERT_TRUE(
          CatchUp(log_, store, {.read_bytes_max = bytes, .batch_records_max = records}).ok());
      EXPECT_EQ(FirstDifference(store, *undisturbed), "") << records << " records a batch";
    }
  }
}

TEST_F(ProjectorTest, OpenedAnewAfterEachRecordTheRowsAreTheSame) {
  AppendRandom(5, 300);
  const auto undisturbed = Undisturbed();
  MemoryStore store;
  for (int i = 0; i < 300; ++i) {
    auto projector = Projector::Open(log_, store, kPartition, {.batch_records_max = 1});
    ASSERT_TRUE(projector.ok()) << projector.status().ToString();
    ASSERT_EQ((*projector)->Step().value(), 1);
  }
  EXPECT_EQ(FirstDifference(store, *undisturbed), "");
}

TEST_F(ProjectorTest, ListenersHearOfRecordsOnlyOnceTheyAreWritten) {
  AppendRandom(6, 50);
  MemoryStore store;
  auto projector = Projector::Open(log_, store, kPartition, {.batch_records_max = 8});
  uint64_t heard = 0;
  (*projector)->set_listener([&](const std::vector<FoldedRecord>& folded) {
    for (const FoldedRecord& record : folded) EXPECT_EQ(record.offset.value, heard++);
    EXPECT_EQ(store.Applied(kPartition).value(), Offset(heard));
  });
  ASSERT_TRUE((*projector)->CatchUp().ok());
  EXPECT_EQ(heard, 50);
  EXPECT_EQ((*projector)->Step().value(), 0) << "in step";
}

// ---- another log

TEST_F(ProjectorTest, AProjectionOfAnotherLogIsRefused) {
  AppendRandom(7, 10);
  const auto store = Undisturbed();
  MemoryLog other(1, clock_, IdNamed("other log"));
  RandomEvents random(7);
  AppendRandomEvents(random, 10, other, clock_);
  const Status refused = CatchUp(other, *store);
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(), "this projection was made from log " + IdNamed("log").ToString() +
                                   ", but the log here is " + IdNamed("other log").ToString() +
                                   "; use another data directory");
}

TEST_F(ProjectorTest, ALogThatHasLostItsTailIsRefused) {
  AppendRandom(8, 10);
  const auto store = Undisturbed();
  MemoryLog shorter(1, clock_, IdNamed("log"));
  RandomEvents random(8);
  AppendRandomEvents(random, 9, shorter, clock_);
  const Status refused = CatchUp(shorter, *store);
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(),
            "the log of partition 0 ends at record 9, but the projection has applied 10: the log "
            "has lost its tail; restore it, or rebuild the projection from what is left");
}

TEST_F(ProjectorTest, ALogWhoseLastAppliedRecordWasRewrittenIsRefused) {
  AppendRandom(9, 10);
  const auto store = Undisturbed();
  MemoryLog rewritten(1, clock_, IdNamed("log"));
  RandomEvents random(9);
  AppendRandomEvents(random, 9, rewritten, clock_);
  RandomEvents other(10);
  AppendRandomEvents(other, 5, rewritten, clock_);
  const Status refused = CatchUp(rewritten, *store);
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(),
            "record 9 of partition 0 is not the one that the projection has applied: the log was "
            "replaced or rewritten; restore it, or rebuild the projection");
}

TEST_F(ProjectorTest, RowsThatWereNotWrittenWithTheAppliedOffsetAreRefused) {
  AppendRandom(11, 10);
  const auto store = Undisturbed();
  ASSERT_TRUE(store->Write(WriteBatch(), kPartition, Offset(9)).ok());
  const Status refused = CatchUp(log_, *store);
  EXPECT_EQ(refused.code(), StatusCode::kCorruption);
  EXPECT_EQ(refused.message(),
            "the projection says that it has applied 10 records, and that the next is 9; rebuild "
            "it");
}

// ---- what must outlive a restart

TEST_F(ProjectorTest, ARetryAfterARestartIsADuplicateOfTheFirst) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(Intent("alice", Create("pager")));
  const Event edit = Intent("alice", Edit("pager", "region", "eu")).RequestHash("request");
  Append(edit);
  MemoryStore store;
  ASSERT_TRUE(CatchUp(log_, store).ok());
  Append(edit);
  Append(
      Intent("alice", Edit("pager", "region", "us")).IdempotencyKey("key").RequestHash("request"));
  ASSERT_TRUE(CatchUp(log_, store).ok());
  Append(Intent("alice", Edit("pager", "region", "ap")).IdempotencyKey("key").RequestHash("other"));
  ASSERT_TRUE(CatchUp(log_, store).ok());

  const auto trail = TrailOf(store, 1);
  EXPECT_EQ(trail.at(3).row.line.verdict, Verdict::kDuplicate);
  EXPECT_EQ(trail.at(3).row.first, OrgIndex(2));
  EXPECT_EQ(trail.at(4).row.line.verdict, Verdict::kApplied);
  EXPECT_EQ(trail.at(5).row.line.reason, Reason::kRequestDiffers);
  EXPECT_EQ(trail.at(5).row.first, OrgIndex(4));
}

TEST_F(ProjectorTest, RulesThatThisBuildDoesNotKnowStopItAndWhatStandsBeforeIsApplied) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(Intent("alice", Create("pager")));
  Append(OfTheLog(RulesActivated{RulesVersion(3)}).Org({}));
  Append(Intent("alice", Delete("pager")));
  MemoryStore store;
  const Status stopped = CatchUp(log_, store);
  EXPECT_EQ(stopped.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(stopped.message(),
            "record 2 activates rules version 3, which this build does not know (it knows up to "
            "2); use a newer build");
  EXPECT_EQ(store.Applied(kPartition).value(), Offset(2));
  EXPECT_EQ(TrailOf(store, 1).size(), 2);
  EXPECT_EQ(CatchUp(log_, store).code(), StatusCode::kFailedPrecondition) << "and again";
}

TEST_F(ProjectorTest, AProjectionUnderNewerRulesIsNotOpenedByAnOlderBuild) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  const auto store = Undisturbed();
  PartitionRow row;
  row.log_id = log_.log_id();
  row.state.rules = RulesVersion(3);
  row.state.records = 1;
  WriteBatch batch;
  batch.Put(Family::kState, keys::PartitionRow(kPartition), EncodePartitionRow(row));
  ASSERT_TRUE(store->Write(batch, kPartition, Offset(1)).ok());
  EXPECT_EQ(CatchUp(log_, *store).ToString(),
            "failed precondition: rules version 3 is in force, which this build does not know; use "
            "a newer one");
}

}  // namespace
}  // namespace conntrail
