#include "projections/record_folder.h"

#include <map>

#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "projections/store/rocksdb_store.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/random_events.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

class RecordFolderTest : public testing::Test {
 protected:
  void AppendRandom(uint64_t seed, size_t count) {
    RandomEvents random(seed);
    AppendRandomEvents(random, count, log_, clock_);
  }
  void Project(Store& store, Projector::Options options = {}) {
    const auto projector = Projector::Open(log_, store, kPartition, options);
    ASSERT_TRUE(projector.ok()) << projector.status().ToString();
    ASSERT_EQ((*projector)->CatchUp().ToString(), "ok");
  }

  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
};

TEST_F(RecordFolderTest, ForgettingEntitiesAndReadingThemBackGivesTheSameRows) {
  AppendRandom(1, 800);
  MemoryStore large;
  Project(large);
  for (const size_t entities_max : {0, 1, 2, 5, 11}) {
    MemoryStore tiny;
    Project(tiny, {.folder = {.cached_entities_max = entities_max}, .batch_records_max = 3});
    EXPECT_EQ(FirstDifference(tiny, large), "") << entities_max << " entities";
  }
}

TEST_F(RecordFolderTest, MemoryAndRocksDbHoldTheSameBytes) {
  AppendRandom(2, 800);
  MemoryStore memory;
  Project(memory);
  const ScratchDir dir;
  const auto rocksdb = RocksDbStore::Open(dir / "store");
  ASSERT_TRUE(rocksdb.ok()) << rocksdb.status().ToString();
  Project(**rocksdb, {.folder = {.cached_entities_max = 4}, .batch_records_max = 50});
  EXPECT_EQ(FirstDifference(**rocksdb, memory), "");
}

// As a rebuild does it: all rows of the whole log, and the state once at the end.
TEST_F(RecordFolderTest, WithoutAStoreItMakesTheSameRowsAtOnce) {
  AppendRandom(3, 800);
  MemoryStore stepwise;
  Project(stepwise);

  RecordFolder folder(kPartition, log_.log_id(), nullptr, {.cached_entities_max = 1});
  ASSERT_TRUE(folder.Load().ok());
  WriteBatch batch;
  const auto read = log_.Read(kPartition, Offset(0), 1 << 30);
  for (const LogRecord& record : read->records) ASSERT_TRUE(folder.Fold(record, batch).ok());
  folder.WriteState(batch);
  MemoryStore at_once;
  ASSERT_TRUE(at_once.Write(batch, kPartition, Offset(800)).ok());
  EXPECT_EQ(FirstDifference(at_once, stepwise), "");
}

TEST_F(RecordFolderTest, FullBlocksDescribeTheirRecords) {
  AppendRandom(4, 1500);
  MemoryStore store;
  Project(store);
  size_t blocks = 0;
  for (const uint32_t slot : {1, 2}) {
    const auto trail = TrailOf(store, slot);
    for (size_t number = 0; (number + 1) * kBlockRecords <= trail.size(); ++number, ++blocks) {
      const auto row = store.NewSnapshot()->Get(
          Family::kState, keys::BlockRow({kPartition, OrgSlot(slot)}, number));
      ASSERT_TRUE(row.ok() && *row);
      const TrailBlock block = DecodeTrailBlock(**row).value();
      uint16_t verdicts = 0;
      uint64_t applied_types = 0;
      for (size_t i = 0; i < kBlockRecords; ++i) {
        const TrailLine& line = trail[number * kBlockRecords + i].row.line;
        verdicts |= static_cast<uint16_t>(1 << static_cast<int>(line.verdict));
        if (line.verdict == Verdict::kApplied) {
          applied_types |= uint64_t{1} << static_cast<int>(line.type);
        }
      }
      EXPECT_EQ(block.count, kBlockRecords);
      EXPECT_EQ(block.first, trail[number * kBlockRecords].row.line.place);
      EXPECT_EQ(block.verdicts, verdicts);
      EXPECT_EQ(block.applied_types, applied_types);
    }
  }
  EXPECT_GE(blocks, 4) << "or this has tested nothing";
}

TEST_F(RecordFolderTest, HistoryTellsWhatAnEntityWasAfterEachChange) {
  const std::vector<Event> story = {OfTheLog(OrgOpened{"Acme"}), Intent("alice", Create("pager")),
                                    Intent("mallory", Delete("pager")),
                                    Intent("alice", Edit("pager", "region", "eu"))};
  for (const Event& event : story) {
    ASSERT_TRUE(log_.Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  MemoryStore store;
  Project(store);
  const std::string prefix =
      keys::HistoryPrefix({kPartition, OrgSlot(1)}, EntityKind::kConnection, IdNamed("pager"));
  std::map<uint64_t, std::string> told;  // by index
  for (const auto& [key, value] : RowsOf(store, Family::kHistory)) {
    if (!key.starts_with(prefix)) continue;
    HistoryRow row;
    ASSERT_TRUE(ReadHistoryRow(key, value, row).ok());
    std::string line(VerdictName(row.line.verdict));
    if (row.changed) line += " as of " + std::to_string(row.changed->index.value);
    if (!row.entity.empty()) {
      const Connection connection = std::get<Connection>(DecodeEntity(row.entity).value());
      line += " revision " + std::to_string(connection.life.revision.value);
    }
    told[row.line.place.index.value] = line;
  }
  EXPECT_EQ(told,
            (std::map<uint64_t, std::string>{
                {1, "applied revision 1"}, {2, "denied as of 1"}, {3, "applied revision 2"}}));
}

TEST_F(RecordFolderTest, AMissingRowOfAnOrgIsCorruption) {
  AppendRandom(5, 50);
  MemoryStore store;
  Project(store);
  WriteBatch batch;
  batch.Delete(Family::kState, keys::OrgRow({kPartition, OrgSlot(1)}));
  ASSERT_TRUE(store.Write(batch, kPartition, Offset(50)).ok());
  RecordFolder folder(kPartition, log_.log_id(), &store, {});
  EXPECT_EQ(folder.Load().ToString(),
            "corruption: the row of org slot 1 is missing; rebuild the projection");
}

}  // namespace
}  // namespace conntrail
