#include "projections/store/rocksdb_snapshot.h"

#include <rocksdb/db.h>

#include "projections/store/rocksdb_status.h"

namespace conntrail {
namespace {

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
rocksdb::Slice AsSlice(std::string_view text) { return {text.data(), text.size()}; }

class RocksDbIterator final : public StoreIterator {
 public:
  explicit RocksDbIterator(rocksdb::Iterator* iterator) : iterator_(iterator) {}

  void Seek(std::string_view key) override { iterator_->Seek(AsSlice(key)); }
  void SeekForPrev(std::string_view key) override { iterator_->SeekForPrev(AsSlice(key)); }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  bool Valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return View(iterator_->key()); }
  std::string_view value() const override { return View(iterator_->value()); }
  Status status() const override {
    return FromRocksDb(iterator_->status(), "reading rows of the store");
  }

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksDbSnapshot final : public StoreSnapshot {
 public:
  RocksDbSnapshot(rocksdb::DB& database, const FamilyHandles& families)
      : database_(database), families_(families), rows_end_(AsSlice(kRowKeysEnd)) {
    read_.snapshot = database_.GetSnapshot();
    read_.iterate_upper_bound = &rows_end_;  // hides the watermarks
    read_.total_order_seek = true;
  }
  ~RocksDbSnapshot() override { database_.ReleaseSnapshot(read_.snapshot); }

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    if (key >= kRowKeysEnd) return std::optional<std::string>();
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = database_.Get(read_, handle(family), AsSlice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return FromRocksDb(status, "reading a row of the store");
    return std::optional<std::string>(value.ToString());
  }

  std::unique_ptr<StoreIterator> NewIterator(Family family) const override {
    return std::make_unique<RocksDbIterator>(database_.NewIterator(read_, handle(family)));
  }

 private:
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return families_[static_cast<size_t>(family)];
  }

  rocksdb::DB& database_;
  const FamilyHandles& families_;
  const rocksdb::Slice rows_end_;
  rocksdb::ReadOptions read_;
};

}  // namespace

std::unique_ptr<StoreSnapshot> NewRocksDbSnapshot(rocksdb::DB& database,
                                                  const FamilyHandles& families) {
  return std::make_unique<RocksDbSnapshot>(database, families);
}

}  // namespace conntrail
