#include "projections/store/rocksdb_store.h"

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include <rocksdb/db.h>

#include "tests/conformance/store_conformance.h"
#include "tests/projections/store/scratch_dir.h"

namespace conntrail {
namespace {

class RocksDbStoreMaker {
 public:
  Store& store() { return *store_; }

 private:
  ScratchDir scratch_;
  std::unique_ptr<RocksDbStore> store_ = RocksDbStore::Open(scratch_ / "store").value();
};
INSTANTIATE_TYPED_TEST_SUITE_P(RocksDb, StoreConformance, RocksDbStoreMaker);

class IngestingRocksDbStoreMaker {
 public:
  Store& store() { return *store_; }

 private:
  ScratchDir scratch_;
  std::unique_ptr<RocksDbStore> store_ =
      RocksDbStore::Open(scratch_ / "store", {.ingest_bytes_min = 200}).value();
};
INSTANTIATE_TYPED_TEST_SUITE_P(RocksDbIngesting, StoreConformance, IngestingRocksDbStoreMaker);

std::string KeyOf(int i) { return "key " + std::to_string(1'000'000 + i); }
std::string ValueOf(int i) { return "value " + std::to_string(i) + std::string(200, 'v'); }

void WriteRows(Store& store, int count) {
  WriteBatch batch;
  for (int i = 0; i < count; ++i) {
    for (const Family family : kFamilies) batch.Put(family, KeyOf(i), ValueOf(i));
  }
  ASSERT_TRUE(store.Write(batch, PartitionId(2), Offset(static_cast<uint64_t>(count))).ok());
}

TEST(RocksDbStore, KeepsEverythingWhenItIsClosed) {
  for (const bool explicitly : {true, false}) {
    const ScratchDir scratch;
    auto store = RocksDbStore::Open(scratch / "store").value();
    WriteRows(*store, 100);
    if (explicitly) {
      ASSERT_TRUE(store->Close().ok());
    }
    store = nullptr;

    store = RocksDbStore::Open(scratch / "store").value();
    EXPECT_EQ(store->Applied(PartitionId(2)).value(), Offset(100));
    for (const Family family : kFamilies) {
      const StoreRows rows = AllRows(*store->NewSnapshot(), family);
      ASSERT_EQ(rows.size(), 100);
      EXPECT_EQ(rows[99], std::make_pair(KeyOf(99), ValueOf(99)));
    }
  }
}

// Small batches pass the write buffers, large ones become files; a file must never come to lie
// under older rows, whoever flushes meanwhile.
TEST(RocksDbStore, TheNewestRowCountsWhileAnotherThreadFlushes) {
  const ScratchDir scratch;
  const auto store = RocksDbStore::Open(scratch / "store", {.ingest_bytes_min = 1000}).value();
  std::atomic<bool> done{false};
  std::thread flusher([&] {
    while (!done) EXPECT_TRUE(store->Flush().ok());
  });
  for (uint64_t i = 1; i <= 200; ++i) {
    WriteBatch batch;
    const std::string value = std::to_string(i) + std::string(i % 3 == 0 ? 2000 : 1, 'v');
    batch.Put(Family::kState, "key", value);
    EXPECT_TRUE(store->Write(batch, PartitionId(0), Offset(i)).ok());
    EXPECT_EQ(store->NewSnapshot()->Get(Family::kState, "key").value(), value);
  }
  done = true;
  flusher.join();
}

TEST(RocksDbStore, AFileIsNoStore) {
  const ScratchDir scratch;
  std::ofstream(scratch / "file") << "text";
  EXPECT_EQ(RocksDbStore::Open(scratch / "file").status().code(), StatusCode::kIo);
}

// Opens the directory with nothing but RocksDB and sets one watermark.
void ForgeWatermark(const std::filesystem::path& dir, const std::string& family,
                    const std::string& value) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, dir, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) {
    descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, dir, descriptors, &handles, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  int forged = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == family) {
      EXPECT_TRUE(db->Put({}, handle, std::string("\xFF\xFF!off\x00\x02", 8), value).ok());
      ++forged;
    }
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  EXPECT_EQ(forged, 1);
}

TEST(RocksDbStore, FamiliesThatDisagreeAreCorruption) {
  for (const std::string family : {"state", "history", "trail", "actor"}) {
    const ScratchDir scratch;
    WriteRows(*RocksDbStore::Open(scratch / "store").value(), 5);
    ForgeWatermark(scratch / "store", family, std::string("\0\0\0\0\0\0\0\x04", 8));

    const auto store = RocksDbStore::Open(scratch / "store").value();
    const auto applied = store->Applied(PartitionId(2));
    ASSERT_EQ(applied.status().code(), StatusCode::kCorruption) << family;
    EXPECT_NE(applied.status().message().find(family + " 4"), std::string::npos)
        << applied.status().message();
    EXPECT_EQ(store->Applied(PartitionId(3)).value(), Offset(0));
  }
}

TEST(RocksDbStore, AWatermarkOfAWrongLengthIsCorruption) {
  const ScratchDir scratch;
  WriteRows(*RocksDbStore::Open(scratch / "store").value(), 5);
  ForgeWatermark(scratch / "store", "trail", "5");
  const auto store = RocksDbStore::Open(scratch / "store").value();
  EXPECT_EQ(store->Applied(PartitionId(2)).status().code(), StatusCode::kCorruption);
}

std::filesystem::path LargestTable(const std::filesystem::path& dir) {
  std::filesystem::path largest;
  for (const auto& file : std::filesystem::directory_iterator(dir)) {
    if (file.path().extension() != ".sst") continue;
    if (largest.empty() || file.file_size() > std::filesystem::file_size(largest)) {
      largest = file.path();
    }
  }
  return largest;
}

void FlipBit(const std::filesystem::path& path, size_t at, int bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1 << bit));
  ASSERT_TRUE(file.good());
}

// Reads all there is. True if something was reported as corrupt; every row that came is right.
bool SomeReadIsCorrupt(const std::filesystem::path& dir, int rows) {
  const auto store = RocksDbStore::Open(dir);
  if (!store.ok()) {
    EXPECT_EQ(store.status().code(), StatusCode::kCorruption) << store.status().ToString();
    return true;
  }
  bool corrupt = false;
  const auto now = store.value()->NewSnapshot();
  for (const Family family : kFamilies) {
    const auto at = now->NewIterator(family);
    int i = 0;
    for (at->Seek(""); at->Valid(); at->Next(), ++i) {
      EXPECT_EQ(at->key(), KeyOf(i));
      EXPECT_EQ(at->value(), ValueOf(i));
    }
    if (at->status().ok()) {
      EXPECT_EQ(i, rows) << "rows are missing and nobody says so";
    }
    if (!at->status().ok()) {
      EXPECT_EQ(at->status().code(), StatusCode::kCorruption);
    }
    corrupt |= !at->status().ok();
    for (int key = 0; key < rows; key += 7) {
      const auto value = now->Get(family, KeyOf(key));
      if (value.ok()) {
        EXPECT_EQ(*value, ValueOf(key));
      }
      if (!value.ok()) {
        EXPECT_EQ(value.status().code(), StatusCode::kCorruption);
      }
      corrupt |= !value.ok();
    }
  }
  return corrupt;
}

TEST(RocksDbStore, ADamagedRowIsReportedAndNeverReturned) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  const ScratchDir scratch;
  constexpr int kRows = 2000;
  WriteRows(*RocksDbStore::Open(scratch / "store").value(), kRows);
  {
    const ScratchDir sound;
    std::filesystem::copy(scratch / "store", sound / "store");
    ASSERT_FALSE(SomeReadIsCorrupt(sound / "store", kRows));
  }

  const size_t bytes = std::filesystem::file_size(LargestTable(scratch / "store"));
  for (int round = 0; round < 20; ++round) {
    // Each time in a copy: RocksDB may rewrite a file once it has been opened.
    const ScratchDir damaged;
    std::filesystem::copy(scratch / "store", damaged / "store");
    const size_t at = round == 0 ? 10 : rng() % bytes;
    const int bit = static_cast<int>(rng() % 8);
    FlipBit(LargestTable(damaged / "store"), at, bit);
    const bool corrupt = SomeReadIsCorrupt(damaged / "store", kRows);
    // Behind the rows stand the filter and such, without which all rows can still be read.
    EXPECT_TRUE(corrupt || at > bytes / 2) << "byte " << at << " of " << bytes << " bit " << bit;
  }
}

}  // namespace
}  // namespace conntrail
