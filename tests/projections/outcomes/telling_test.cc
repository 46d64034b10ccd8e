// What others are told: everything, the same whoever tells it, and before anybody sees it.

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "projections/outcomes/outcome_history.h"
#include "projections/outcomes/outcome_record.h"
#include "projections/projector.h"
#include "projections/rebuild.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/event_builder.h"
#include "tests/support/faulty_store.h"
#include "tests/support/random_events.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

using Place = std::pair<OrgId, uint64_t>;

Place PlaceOf(const std::string& bytes) {
  const auto record = DecodeOutcome(bytes);
  EXPECT_TRUE(record.ok());
  return {record->org, record->index.value};
}

// What has arrived, in its order. Can be away for some calls of Flush.
class Heard final : public OutcomeSink {
 public:
  void Take(std::span<const LogRecord> records, std::span<const FoldedRecord> folded) override {
    for (size_t i = 0; i < folded.size(); ++i) {
      EXPECT_EQ(records[i].offset, folded[i].offset);
      taken_.push_back(EncodeOutcome(folded[i], records[i].payload));
    }
  }
  Status Flush() override {
    if (away_ > 0) {
      --away_;
      return Status::Unavailable("away");
    }
    told_.insert(told_.end(), taken_.begin(), taken_.end());
    taken_.clear();
    return Status::Ok();
  }

  void BeAway(size_t flushes) { away_ = flushes; }
  const std::vector<std::string>& told() const { return told_; }

  // One record for each place; a second one that differs is an error.
  std::map<Place, std::string> ByPlace() const {
    std::map<Place, std::string> records;
    for (const std::string& bytes : told_) {
      const auto [at, is_first] = records.emplace(PlaceOf(bytes), bytes);
      EXPECT_EQ(at->second, bytes) << (is_first ? "" : "a duplicate differs");
    }
    return records;
  }

  // What a reader has that takes a record if it is the next one of its org, and skips all others.
  std::map<OrgId, std::vector<std::string>> InOrder() const {
    std::map<OrgId, std::vector<std::string>> trails;
    for (const std::string& bytes : told_) {
      const auto [org, index] = PlaceOf(bytes);
      if (index == trails[org].size()) trails[org].push_back(bytes);
    }
    return trails;
  }

 private:
  size_t away_ = 0;
  std::vector<std::string> taken_;
  std::vector<std::string> told_;
};

class TellingTest : public testing::Test {
 protected:
  TellingTest() {
    RandomEvents random(11);
    AppendRandomEvents(random, 900, log_, clock_);
  }
  Status Follow(Store& store, OutcomeSink& sink, size_t batch = 1000) {
    CONNTRAIL_ASSIGN_OR_RETURN(
        const auto projector,
        Projector::Open(log_, store, kPartition, {.batch_records_max = batch, .outcomes = &sink}));
    return projector->CatchUp();
  }
  Heard Undisturbed() {
    MemoryStore store;
    Heard heard;
    EXPECT_EQ(Follow(store, heard).ToString(), "ok");
    return heard;
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
};

TEST_F(TellingTest, EveryRecordOfEveryTrailIsToldWithItsVerdictAndItsBytes) {
  MemoryStore store;
  Heard heard;
  ASSERT_EQ(Follow(store, heard, 70).ToString(), "ok");
  EXPECT_EQ(heard.told().size(), 900);
  const auto trails = heard.InOrder();
  std::set<Verdict> verdicts;
  size_t count = 0;
  for (const uint32_t slot : {0, 1, 2}) {
    const auto rows = TrailOf(store, slot);
    const auto trail = std::find_if(trails.begin(), trails.end(), [&](const auto& one) {
      return one.second.size() == rows.size() &&
             DecodeOutcome(one.second.front())->content == rows.front().event;
    });
    ASSERT_NE(trail, trails.end()) << slot;
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto record = DecodeOutcome(trail->second[i]);
      const TrailLine& line = rows[i].row.line;
      EXPECT_EQ(record->content, rows[i].event);
      EXPECT_EQ(record->verdict, line.verdict);
      EXPECT_EQ(record->reason, line.reason);
      EXPECT_EQ(record->marks, line.marks);
      EXPECT_EQ(record->type, line.type);
      EXPECT_EQ(record->revision, line.revision);
      EXPECT_EQ(record->effective_time_ms, line.place.time_ms);
      EXPECT_EQ(record->slot, rows[i].row.slot);
      EXPECT_EQ(record->first, rows[i].row.first);
      verdicts.insert(record->verdict);
      ++count;
    }
  }
  EXPECT_EQ(count, 900);
  EXPECT_GE(verdicts.size(), size_t{5}) << "the log was too plain to show anything";
}

TEST_F(TellingTest, HoweverTheLogIsCutAndWhoeverFoldsItTheBytesAreTheSame) {
  const Heard once = Undisturbed();
  for (const size_t batch : {1, 7, 256}) {
    MemoryStore store;
    Heard heard;
    ASSERT_EQ(Follow(store, heard, batch).ToString(), "ok");
    EXPECT_EQ(heard.told(), once.told()) << batch;
  }
  // Opened anew after each batch: what was in memory comes from the store.
  MemoryStore store;
  Heard heard;
  for (int i = 0; i < 900; i += 30) {
    const auto projector =
        Projector::Open(log_, store, kPartition, {.batch_records_max = 30, .outcomes = &heard});
    ASSERT_EQ((*projector)->Step().value(), 30);
  }
  EXPECT_EQ(heard.told(), once.told());
}

TEST_F(TellingTest, NothingIsVisibleBeforeItIsTold) {
  MemoryStore store;
  Heard heard;
  const auto projector =
      Projector::Open(log_, store, kPartition, {.batch_records_max = 100, .outcomes = &heard});
  size_t batches = 0;
  (*projector)->set_listener([&](const std::vector<FoldedRecord>&) {
    EXPECT_EQ(heard.told().size(), ++batches * 100);
  });
  ASSERT_EQ((*projector)->CatchUp().ToString(), "ok");
  EXPECT_EQ(batches, 9);
}

TEST_F(TellingTest, WhileNobodyListensTheBatchWaitsAndIsNotFoldedAgain) {
  MemoryStore store;
  Heard heard;
  const auto projector =
      Projector::Open(log_, store, kPartition, {.batch_records_max = 100, .outcomes = &heard});
  ASSERT_EQ((*projector)->Step().value(), 100);
  heard.BeAway(3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ((*projector)->Step().status().code(), StatusCode::kUnavailable);
    EXPECT_EQ(store.Applied(kPartition).value(), Offset(100)) << "nothing became visible";
    EXPECT_EQ((*projector)->next(), Offset(100));
  }
  ASSERT_EQ((*projector)->CatchUp().ToString(), "ok");
  EXPECT_EQ(heard.told(), Undisturbed().told()) << "once each";
  MemoryStore other;
  Heard unused;
  ASSERT_EQ(Follow(other, unused).ToString(), "ok");
  EXPECT_EQ(FirstDifference(store, other), "");
}

// A crash after each batch, in which the store loses much, little or nothing, or the write itself
// was lost or kept.
TEST_F(TellingTest, ACrashTellsSomeAgainAndLeavesNoneOut) {
  const auto all = Undisturbed().ByPlace();
  const auto trails = Undisturbed().InOrder();
  size_t repeated = 0;
  for (const WriteFault fault : {WriteFault::kLost, WriteFault::kKept}) {
    for (const size_t survivors : {size_t{0}, size_t{2}, size_t{1000}}) {
      FaultyStore store;
      Heard heard;
      for (size_t batch = 0; batch < 30; ++batch) {
        store.FailAfter(batch % 4, fault);
        heard.BeAway(batch % 3);
        if (Follow(store, heard, 41).ok()) break;
        store.Crash(survivors);
        const auto told = heard.ByPlace();
        ASSERT_GE(told.size(), store.Applied(kPartition)->value) << "a hole";
      }
      store.FailAfter(0, WriteFault::kNone);
      heard.BeAway(0);
      ASSERT_EQ(Follow(store, heard).ToString(), "ok");
      EXPECT_EQ(heard.ByPlace(), all);
      EXPECT_EQ(heard.InOrder(), trails);
      repeated += heard.told().size() - all.size();
    }
  }
  EXPECT_GT(repeated, size_t{100}) << "no crash came at a moment that matters";
}

TEST_F(TellingTest, ToldFromTheTrailTheBytesAreTheSame) {
  MemoryStore store;
  Heard folded;
  ASSERT_EQ(Follow(store, folded).ToString(), "ok");
  Heard again;
  uint64_t told = 0;
  const Status status =
      TellHistory(*store.NewSnapshot(), kPartition, again, [&](uint64_t next, uint64_t end) {
        EXPECT_EQ(end, 900);
        told = next;
      });
  ASSERT_EQ(status.ToString(), "ok");
  EXPECT_EQ(told, 900);
  EXPECT_EQ(again.InOrder(), folded.InOrder());
  EXPECT_EQ(again.told().size(), 900);
}

TEST_F(TellingTest, ARebuildTellsOnlyWhatWasNotToldBefore) {
  const Heard once = Undisturbed();
  ScratchDir scratch;
  Heard heard;
  OutcomesFrom later(heard, Offset(850));
  ASSERT_EQ(BuildProjection(log_, kPartition, scratch / "built", {}, nullptr, &later).ToString(),
            "ok");
  ASSERT_EQ(heard.told().size(), 50);
  EXPECT_TRUE(std::equal(heard.told().begin(), heard.told().end(), once.told().begin() + 850));
}

}  // namespace
}  // namespace conntrail
