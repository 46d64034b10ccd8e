#include "projections/store/sst_output.h"

#include <memory>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include "projections/store/family_name.h"
#include "projections/store/rocksdb_options.h"
#include "projections/store/rocksdb_status.h"
#include "projections/store/watermark.h"

namespace conntrail {
namespace {

constexpr uint64_t kFileBytes = uint64_t{64} << 20;

rocksdb::Slice AsSlice(std::string_view text) { return {text.data(), text.size()}; }

// Splits a stream of rows into files of about kFileBytes.
class FamilyWriter {
 public:
  FamilyWriter(Family family, const std::filesystem::path& dir,
               const RocksDbStore::Options& options, FileUse use)
      : dir_(dir),
        options_(rocksdb::DBOptions(), FileOptions(family, options, use)),
        // The pages may stay in the cache of the system: they are about to be read.
        writer_(rocksdb::EnvOptions(), options_, nullptr, /*invalidate_page_cache=*/false) {
    files_.family = family;
  }

  rocksdb::Status Add(const StoreRow& row) {
    if (is_open_ && writer_.FileSize() >= kFileBytes) {
      if (rocksdb::Status finished = Finish(); !finished.ok()) return finished;
    }
    if (!is_open_) {
      files_.paths.push_back(dir_ / (std::string(FamilyName(files_.family)) + "-" +
                                     std::to_string(files_.paths.size()) + ".sst"));
      if (rocksdb::Status opened = writer_.Open(files_.paths.back()); !opened.ok()) return opened;
      is_open_ = true;
    }
    return row.is_delete ? writer_.Delete(AsSlice(row.key))
                         : writer_.Put(AsSlice(row.key), AsSlice(row.value));
  }

  rocksdb::Status Finish() {
    is_open_ = false;
    return writer_.Finish();
  }

  FamilyFiles TakeFiles() { return std::move(files_); }

 private:
  static rocksdb::ColumnFamilyOptions FileOptions(Family family,
                                                  const RocksDbStore::Options& options,
                                                  FileUse use) {
    rocksdb::ColumnFamilyOptions file = FamilyOptions(family, options, rocksdb::NewLRUCache(0));
    if (use == FileUse::kSoonMerged) {
      file.compression_per_level.clear();
      file.compression = rocksdb::kNoCompression;
    }
    return file;
  }

  const std::filesystem::path dir_;
  const rocksdb::Options options_;
  rocksdb::SstFileWriter writer_;
  FamilyFiles files_;
  bool is_open_ = false;
};

}  // namespace

Result<FamilyFiles> WriteFamilyFiles(Family family, RowSource& rows,
                                     const std::map<PartitionId, Offset>& next,
                                     const std::filesystem::path& dir,
                                     const RocksDbStore::Options& options, FileUse use) {
  constexpr std::string_view kDoing = "writing a file of rows";
  FamilyWriter writer(family, dir, options, use);
  while (true) {
    CONNTRAIL_ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) break;
    const rocksdb::Status put = writer.Add(rows.row);
    if (!put.ok()) return FromRocksDb(put, kDoing);
  }
  for (const auto& [partition, offset] : next) {
    const std::string key = WatermarkKey(partition);
    const std::string value = WatermarkValue(offset);
    CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(writer.Add({.key = key, .value = value}), kDoing));
  }
  CONNTRAIL_RETURN_IF_ERROR(FromRocksDb(writer.Finish(), kDoing));
  return writer.TakeFiles();
}

Status AssembleStore(const std::filesystem::path& dir, const std::vector<FamilyFiles>& files,
                     const RocksDbStore::Options& options) {
  const rocksdb::Options all(
      DatabaseOptions(options, dir),
      FamilyOptions(Family::kTrail, options, rocksdb::NewLRUCache(size_t{8} << 20)));
  rocksdb::DB* opened = nullptr;
  CONNTRAIL_RETURN_IF_ERROR(
      FromRocksDb(rocksdb::DB::Open(all, dir.string(), &opened), "assembling a bulk load"));
  const std::unique_ptr<rocksdb::DB> db(opened);

  // RocksDB before 7.10 misplaces ingested files that overlap a memtable: here all of them are
  // empty.
  std::vector<rocksdb::IngestExternalFileArg> ingests;
  Status status;
  for (const FamilyFiles& family : files) {
    rocksdb::IngestExternalFileArg& ingest = ingests.emplace_back();
    status = FromRocksDb(
        db->CreateColumnFamily(FamilyOptions(family.family, options, rocksdb::NewLRUCache(0)),
                               FamilyName(family.family), &ingest.column_family),
        "assembling a bulk load");
    if (!status.ok()) break;
    ingest.external_files = family.paths;
    ingest.options.move_files = true;
    ingest.options.write_global_seqno = false;
  }
  if (status.ok()) {
    status = FromRocksDb(db->IngestExternalFiles(ingests), "assembling a bulk load");
  }
  for (const rocksdb::IngestExternalFileArg& ingest : ingests) {
    if (ingest.column_family != nullptr) {
      (void)db->DestroyColumnFamilyHandle(ingest.column_family);
    }
  }
  const Status closed = FromRocksDb(db->Close(), "closing a bulk load");
  return status.ok() ? closed : status;
}

}  // namespace conntrail
