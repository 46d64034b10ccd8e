#include "projections/store/bulk_loader.h"

#include <fstream>

#include <rocksdb/db.h>

#include "tests/conformance/store_conformance.h"
#include "tests/projections/store/scratch_dir.h"

namespace conntrail {
namespace {

const std::map<PartitionId, Offset> kNext = {{PartitionId(0), Offset(5)},
                                             {PartitionId(0xFFFE), Offset(9)}};

// Few keys of all lengths, so that many are put again in a later run.
std::string RandomKey(std::mt19937& rng) {
  std::string key;
  for (size_t i = rng() % 24; i > 0; --i) key.push_back("\x00\x01\xFE"[rng() % 3]);
  if (rng() % 2 == 0) key.insert(0, std::string("\x00\x07", 2));
  return key;
}

Status Add(BulkLoader& loader, const WriteBatch& batch) {
  loader.rows().Append(batch);
  return loader.PutAsideIfFull();
}

TEST(BulkLoader, GivesTheSameStoreAsWritingTheBatches) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  for (const size_t memory_bytes_max : {1UL, 20'000UL, 300'000UL, 1UL << 28}) {
    const ScratchDir scratch;
    auto loader =
        BulkLoader::Create(scratch / "loaded", {.memory_bytes_max = memory_bytes_max}).value();
    auto written = RocksDbStore::Open(scratch / "written").value();
    WriteBatch batch;
    for (int round = 0; round < 120; ++round) {
      batch.Clear();
      for (size_t i = rng() % 100; i > 0; --i) {
        batch.Put(kFamilies[rng() % 3], RandomKey(rng),
                  std::string(rng() % 200, static_cast<char>(rng())));
      }
      ASSERT_TRUE(Add(*loader, batch).ok());
      ASSERT_TRUE(written->Write(batch, PartitionId(0), Offset(5)).ok());
    }
    ASSERT_TRUE(written->Write({}, PartitionId(0xFFFE), Offset(9)).ok());
    const Status finished = loader->Finish(kNext);
    ASSERT_TRUE(finished.ok()) << finished.ToString();

    for (const bool reopened : {false, true}) {
      const auto loaded = RocksDbStore::Open(scratch / "loaded").value();
      for (const Family family : kFamilies) {
        ASSERT_EQ(AllRows(*loaded->NewSnapshot(), family),
                  AllRows(*written->NewSnapshot(), family));
      }
      for (const uint16_t partition : {0, 1, 0xFFFE}) {
        EXPECT_EQ(loaded->Applied(PartitionId(partition)).value(),
                  written->Applied(PartitionId(partition)).value());
      }
      // It goes on as any other store.
      batch.Clear();
      batch.Put(Family::kState, "later", reopened ? "2" : "1");
      ASSERT_TRUE(loaded->Write(batch, PartitionId(0), Offset(6)).ok());
      ASSERT_TRUE(written->Write(batch, PartitionId(0), Offset(6)).ok());
    }
  }
}

TEST(BulkLoader, TakesRowsOfAnySize) {
  const ScratchDir scratch;
  auto loader = BulkLoader::Create(scratch / "store", {.memory_bytes_max = 4 << 20}).value();
  WriteBatch batch;
  StoreRows expected;
  for (int i = 0; i < 8; ++i) {
    expected.emplace_back(std::to_string(i), std::string(size_t{1} << (14 + i), 'v'));
    batch.Clear();
    batch.Put(Family::kTrail, expected.back().first, expected.back().second);
    ASSERT_TRUE(Add(*loader, batch).ok());
  }
  ASSERT_TRUE(loader->Finish(kNext).ok());
  const auto store = RocksDbStore::Open(scratch / "store").value();
  EXPECT_TRUE(AllRows(*store->NewSnapshot(), Family::kTrail) == expected);
}

TEST(BulkLoader, WithoutRowsGivesAnEmptyStoreThatHasAppliedTheLog) {
  const ScratchDir scratch;
  ASSERT_TRUE(BulkLoader::Create(scratch / "store").value()->Finish(kNext).ok());
  const auto store = RocksDbStore::Open(scratch / "store").value();
  EXPECT_EQ(store->Applied(PartitionId(0xFFFE)).value(), Offset(9));
  for (const Family family : kFamilies) {
    EXPECT_EQ(AllRows(*store->NewSnapshot(), family), StoreRows());
  }
}

// Or readers would have to look into every run.
TEST(BulkLoader, LeavesNoFilesThatOverlap) {
  const ScratchDir scratch;
  auto loader = BulkLoader::Create(scratch / "store", {.memory_bytes_max = 100'000}).value();
  std::mt19937 rng(1);
  for (int i = 0; i < 200; ++i) {
    WriteBatch batch;
    for (const Family family : kFamilies) {
      for (int k = 0; k < 20; ++k) batch.Put(family, std::to_string(rng()), "value");
    }
    ASSERT_TRUE(Add(*loader, batch).ok());
  }
  ASSERT_TRUE(loader->Finish(kNext).ok());

  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, scratch / "store", &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& name : names) {
    descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::OpenForReadOnly({}, scratch / "store", descriptors, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    std::string level0, last_level;
    ASSERT_TRUE(db->GetProperty(handle, "rocksdb.num-files-at-level0", &level0));
    ASSERT_TRUE(db->GetProperty(handle, "rocksdb.num-files-at-level6", &last_level));
    EXPECT_EQ(level0, "0") << handle->GetName();
    EXPECT_EQ(last_level, handle->GetName() == "default" ? "0" : "1") << handle->GetName();
    ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
}

TEST(BulkLoader, AnUnfinishedLoadIsRefusedByEveryone) {
  const ScratchDir scratch;
  WriteBatch batch;
  batch.Put(Family::kState, "key", "value");
  {
    auto loader = BulkLoader::Create(scratch / "store", {.memory_bytes_max = 1}).value();
    ASSERT_TRUE(Add(*loader, batch).ok());
  }
  const auto again = BulkLoader::Create(scratch / "store");
  EXPECT_EQ(again.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(again.status().message().find("never finished"), std::string::npos);
  const auto opened = RocksDbStore::Open(scratch / "store");
  EXPECT_EQ(opened.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(opened.status().message().find("never finished"), std::string::npos);
}

TEST(BulkLoader, LoadsIntoAnEmptyDirectoryOnly) {
  const ScratchDir scratch;
  RocksDbStore::Open(scratch / "store").value();
  EXPECT_EQ(BulkLoader::Create(scratch / "store").status().code(), StatusCode::kFailedPrecondition);
  std::ofstream(scratch / "file") << "text";
  EXPECT_EQ(BulkLoader::Create(scratch / "file").status().code(), StatusCode::kIo);
}

TEST(BulkLoader, AFailureInTheBackgroundEndsTheLoad) {
  const ScratchDir scratch;
  auto loader = BulkLoader::Create(scratch / "store", {.memory_bytes_max = 1}).value();
  std::filesystem::remove_all(scratch / "store");
  WriteBatch batch;
  batch.Put(Family::kState, "key", "value");
  Status added = Add(*loader, batch);
  for (int i = 0; i < 3 && added.ok(); ++i) added = Add(*loader, batch);
  EXPECT_EQ(added.code(), StatusCode::kIo);
}

}  // namespace
}  // namespace conntrail
