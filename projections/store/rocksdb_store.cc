#include "projections/store/rocksdb_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>

#include "events/base/check.h"
#include "projections/store/bulk_loader.h"
#include "projections/store/rocksdb_options.h"
#include "projections/store/rocksdb_snapshot.h"
#include "projections/store/rocksdb_status.h"
#include "projections/store/watermark.h"

namespace conntrail {
namespace {

rocksdb::Slice AsSlice(std::string_view text) { return {text.data(), text.size()}; }

std::string Disagreement(PartitionId partition,
                         const std::array<std::optional<Offset>, kFamilyCount>& watermarks) {
  std::string text = "the families of the store disagree about partition " +
                     std::to_string(partition.value) + " (next offset";
  for (size_t i = 0; i < kFamilyCount; ++i) {
    text += std::string(i == 0 ? " " : ", ") + FamilyName(static_cast<Family>(i)) + " ";
    text += watermarks[i].has_value() ? std::to_string(watermarks[i]->value) : "none";
  }
  return text + "): throw this projection away and rebuild it from the event log";
}

}  // namespace

struct RocksDbStore::Database {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* unused_default = nullptr;
  FamilyHandles families{};

  // Of the writing thread, kept for their memory.
  rocksdb::WriteBatch batch;
  std::vector<WriteBatch::Write> sorted;

  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return families[static_cast<size_t>(family)];
  }
};

RocksDbStore::RocksDbStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

Result<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(const std::filesystem::path& dir,
                                                         const Options& options) {
  const std::string doing = "opening the store in " + dir.string();
  if (BulkLoader::IsUnfinished(dir)) {
    return Status::FailedPrecondition(
        doing + ": a bulk load was never finished; remove the directory and load again");
  }
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const Family family = static_cast<Family>(i);
    descriptors.emplace_back(FamilyName(family), FamilyOptions(family, options, cache));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::Open(DatabaseOptions(options, dir), dir.string(), descriptors, &handles, &db);
  if (opened.IsPathNotFound() && std::filesystem::exists(dir)) {
    return Status::Corruption(doing + ": a file of it is missing: " + opened.ToString());
  }
  CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(opened, doing));

  auto database = std::make_unique<Database>();
  database->db.reset(db);
  database->unused_default = handles[0];
  std::copy(handles.begin() + 1, handles.end(), database->families.begin());
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(std::move(database)));
}

RocksDbStore::~RocksDbStore() {
  if (database_->db != nullptr) (void)Close();
}

Status RocksDbStore::Close() {
  CONNTRAIL_CHECK(database_->db != nullptr);
  Status status = Flush();
  rocksdb::CancelAllBackgroundWork(database_->db.get(), /*wait=*/true);
  for (rocksdb::ColumnFamilyHandle* family : database_->families) {
    (void)database_->db->DestroyColumnFamilyHandle(family);
  }
  (void)database_->db->DestroyColumnFamilyHandle(database_->unused_default);
  const Status closed = FromRocksDb(database_->db->Close(), "closing the store");
  database_->db.reset();
  return status.ok() ? closed : status;
}

Status RocksDbStore::Write(const WriteBatch& batch, PartitionId partition, Offset next) {
  // In order of keys the memtable finds its place faster; stable, for the last write to a key wins.
  std::vector<WriteBatch::Write>& sorted = database_->sorted;
  sorted.clear();
  for (size_t i = 0; i < batch.count(); ++i) sorted.push_back(batch.at(i));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.family != b.family ? a.family < b.family : a.key < b.key;
  });

  rocksdb::WriteBatch& writes = database_->batch;
  writes.Clear();
  for (const WriteBatch::Write& write : sorted) {
    rocksdb::ColumnFamilyHandle* family = database_->handle(write.family);
    const rocksdb::Status added =
        write.is_delete ? writes.Delete(family, AsSlice(write.key))
                        : writes.Put(family, AsSlice(write.key), AsSlice(write.value));
    CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(added, "collecting a batch"));
  }
  const std::string key = WatermarkKey(partition);
  const std::string value = WatermarkValue(next);
  for (rocksdb::ColumnFamilyHandle* family : database_->families) {
    CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(writes.Put(family, key, value), "collecting a batch"));
  }

  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return FromRocksDb(database_->db->Write(options, &writes), "writing to the store");
}

Result<Offset> RocksDbStore::Applied(PartitionId partition) const {
  rocksdb::ManagedSnapshot snapshot(database_->db.get());
  rocksdb::ReadOptions read;
  read.snapshot = snapshot.snapshot();
  const std::string key = WatermarkKey(partition);

  std::array<std::optional<Offset>, kFamilyCount> watermarks;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    std::string value;
    const rocksdb::Status status =
        database_->db->Get(read, database_->families[i], AsSlice(key), &value);
    if (status.IsNotFound()) continue;
    CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(status, "reading a watermark of the store"));
    CONNTRAIL_ASSIGN_OR_RETURN(watermarks[i], ParseWatermark(value));
  }
  for (const std::optional<Offset>& watermark : watermarks) {
    if (watermark != watermarks[0]) return Status::Corruption(Disagreement(partition, watermarks));
  }
  return watermarks[0].value_or(Offset());
}

std::unique_ptr<StoreSnapshot> RocksDbStore::NewSnapshot() const {
  return NewRocksDbSnapshot(*database_->db, database_->families);
}

Status RocksDbStore::Flush() {
  const std::vector<rocksdb::ColumnFamilyHandle*> all(database_->families.begin(),
                                                      database_->families.end());
  return FromRocksDb(database_->db->Flush(rocksdb::FlushOptions(), all), "flushing the store");
}

}  // namespace conntrail
