#include "projections/store/rocksdb_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>

#include "events/base/check.h"
#include "projections/store/bulk_loader.h"
#include "projections/store/family_name.h"
#include "projections/store/rocksdb_options.h"
#include "projections/store/rocksdb_snapshot.h"
#include "projections/store/rocksdb_status.h"
#include "projections/store/sst_output.h"
#include "projections/store/watermark.h"

namespace conntrail {
namespace {

// For files that are about to become part of the store.
constexpr const char* kIngestDir = "ingest";

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

  Options options;
  std::filesystem::path ingest_dir;

  // Of the writing thread; what can be is kept for its memory.
  rocksdb::WriteBatch batch;
  SortedRows sorted;

  // How often rows were put into write buffers, and how many of these times are on disk. Any thread
  // may flush, so that one flag could not tell: a write may come in while a flush is under way.
  std::atomic<uint64_t> inserts{0};
  std::atomic<uint64_t> inserts_flushed{0};

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
  database->options = options;
  database->ingest_dir = dir / kIngestDir;
  std::error_code ignored;
  std::filesystem::remove_all(database->ingest_dir, ignored);  // of a process that was killed
  database->unused_default = handles[0];
  std::copy(handles.begin() + 1, handles.end(), database->families.begin());
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(std::move(database)));
}

Status RocksDbStore::CheckFamilies(const std::filesystem::path& dir) {
  std::vector<std::string> names;
  const rocksdb::Status listed =
      rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), dir.string(), &names);
  if (!listed.ok()) {
    return Status::Corruption("the store in " + dir.string() +
                              " cannot be read: " + listed.ToString());
  }
  std::vector<std::string> ours = {rocksdb::kDefaultColumnFamilyName};
  for (const Family family : kFamilies) ours.emplace_back(FamilyName(family));
  std::sort(names.begin(), names.end());
  std::sort(ours.begin(), ours.end());
  if (names == ours) return Status::Ok();
  return Status::Corruption("the store in " + dir.string() +
                            " has the families of another build's layout");
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
  return batch.bytes() < database_->options.ingest_bytes_min ? Insert(batch, partition, next)
                                                             : Ingest(batch, partition, next);
}

Status RocksDbStore::Insert(const WriteBatch& batch, PartitionId partition, Offset next) {
  rocksdb::WriteBatch& writes = database_->batch;
  writes.Clear();
  const std::string watermark_key = WatermarkKey(partition);
  const std::string watermark = WatermarkValue(next);
  for (const Family family : kFamilies) {
    rocksdb::ColumnFamilyHandle* handle = database_->handle(family);
    // In order of keys the memtable finds its place faster.
    SortedRows& sorted = database_->sorted;
    sorted.Assign(batch.rows(family));
    for (size_t i = 0; i < sorted.count(); ++i) {
      const StoreRow row = sorted.at(i);
      const rocksdb::Status added = row.is_delete
                                        ? writes.Delete(handle, AsSlice(row.key))
                                        : writes.Put(handle, AsSlice(row.key), AsSlice(row.value));
      CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(added, "collecting a batch"));
    }
    CONNTRAIL_RETURN_IF_ERROR(
        FromRocksDb(writes.Put(handle, watermark_key, watermark), "collecting a batch"));
  }
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const Status status = FromRocksDb(database_->db->Write(options, &writes), "writing to the store");
  ++database_->inserts;
  return status;
}

Status RocksDbStore::Ingest(const WriteBatch& batch, PartitionId partition, Offset next) {
  // RocksDB before 7.10 may misplace a file that overlaps a memtable: there are only empty ones.
  if (database_->inserts_flushed < database_->inserts) CONNTRAIL_RETURN_IF_ERROR(Flush());
  const std::filesystem::path& dir = database_->ingest_dir;
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) return Status::Io("preparing " + dir.string() + ": " + error.message());

  std::vector<rocksdb::IngestExternalFileArg> ingests;
  Status status;
  for (const Family family : kFamilies) {
    database_->sorted.Assign(batch.rows(family));
    const auto rows = database_->sorted.Rows();
    auto files = WriteFamilyFiles(family, *rows, {{partition, next}}, dir, database_->options,
                                  FileUse::kSoonMerged);
    status = files.status();
    if (!status.ok()) break;
    rocksdb::IngestExternalFileArg& ingest = ingests.emplace_back();
    ingest.column_family = database_->handle(family);
    ingest.external_files = std::move(files->paths);
    ingest.options.move_files = true;
    ingest.options.write_global_seqno = false;
  }
  if (status.ok()) {
    status = FromRocksDb(database_->db->IngestExternalFiles(ingests), "writing to the store");
  }
  std::filesystem::remove_all(dir, error);  // what is left there is of no use
  return status;
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
  const uint64_t inserts = database_->inserts;  // at least these are flushed now
  const std::vector<rocksdb::ColumnFamilyHandle*> all(database_->families.begin(),
                                                      database_->families.end());
  const Status status =
      FromRocksDb(database_->db->Flush(rocksdb::FlushOptions(), all), "flushing the store");
  if (!status.ok()) return status;
  uint64_t known = database_->inserts_flushed;
  while (known < inserts && !database_->inserts_flushed.compare_exchange_weak(known, inserts)) {
  }
  return status;
}

Status RocksDbStore::CopyTo(const std::filesystem::path& dir) const {
  const std::string doing = "copying the store to " + dir.string();
  rocksdb::Checkpoint* made = nullptr;
  CONNTRAIL_RETURN_IF_ERROR(
      FromRocksDb(rocksdb::Checkpoint::Create(database_->db.get(), &made), doing));
  const std::unique_ptr<rocksdb::Checkpoint> copier(made);
  // 0: what is in memory is flushed first, whatever the size of the write-ahead log, which is
  // empty.
  return FromRocksDb(copier->CreateCheckpoint(dir.string(), 0), doing);
}

}  // namespace conntrail
