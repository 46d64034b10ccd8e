#include "projections/store/memory_store.h"

#include <utility>

#include "events/base/check.h"

namespace conntrail {
namespace {

class MemoryIterator final : public StoreIterator {
 public:
  explicit MemoryIterator(const MemoryStore::Rows& rows) : rows_(rows), at_(rows.end()) {}

  void Seek(std::string_view key) override { at_ = rows_.lower_bound(key); }
  void SeekForPrev(std::string_view key) override {
    at_ = rows_.upper_bound(key);
    StepBack();
  }
  void Next() override {
    CONNTRAIL_CHECK(Valid());
    ++at_;
  }
  void Prev() override {
    CONNTRAIL_CHECK(Valid());
    StepBack();
  }
  bool Valid() const override { return at_ != rows_.end(); }
  std::string_view key() const override {
    CONNTRAIL_CHECK(Valid());
    return at_->first;
  }
  std::string_view value() const override {
    CONNTRAIL_CHECK(Valid());
    return at_->second;
  }
  Status status() const override { return Status::Ok(); }

 private:
  void StepBack() { at_ = at_ == rows_.begin() ? rows_.end() : std::prev(at_); }

  const MemoryStore::Rows& rows_;
  MemoryStore::Rows::const_iterator at_;
};

}  // namespace

// Gives its share of the rows back under the mutex, so that the writer may believe use_count().
class MemoryStore::Snapshot final : public StoreSnapshot {
 public:
  Snapshot(std::mutex& mutex, Families families) : mutex_(mutex), families_(std::move(families)) {}
  ~Snapshot() override {
    const std::scoped_lock lock(mutex_);
    families_ = {};
  }

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    const auto found = rows(family).find(key);
    if (found == rows(family).end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  std::unique_ptr<StoreIterator> NewIterator(Family family) const override {
    return std::make_unique<MemoryIterator>(rows(family));
  }

 private:
  const Rows& rows(Family family) const { return *families_[static_cast<size_t>(family)]; }

  std::mutex& mutex_;
  Families families_;
};

MemoryStore::MemoryStore() {
  for (std::shared_ptr<Rows>& rows : families_) rows = std::make_shared<Rows>();
}

MemoryStore::Rows& MemoryStore::Writable(Family family) {
  std::shared_ptr<Rows>& rows = families_[static_cast<size_t>(family)];
  if (rows.use_count() > 1) rows = std::make_shared<Rows>(*rows);
  return *rows;
}

Status MemoryStore::Write(const WriteBatch& batch, PartitionId partition, Offset next) {
  const std::scoped_lock lock(mutex_);
  for (const Family family : kFamilies) {
    const RowRun& writes = batch.rows(family);
    if (writes.empty()) continue;
    Rows& rows = Writable(family);
    for (size_t i = 0; i < writes.count(); ++i) {
      const StoreRow write = writes.at(i);
      if (write.is_delete) {
        const auto found = rows.find(write.key);
        if (found != rows.end()) rows.erase(found);
      } else {
        rows.insert_or_assign(std::string(write.key), std::string(write.value));
      }
    }
  }
  applied_[partition] = next;
  return Status::Ok();
}

Result<Offset> MemoryStore::Applied(PartitionId partition) const {
  const std::scoped_lock lock(mutex_);
  const auto found = applied_.find(partition);
  return found == applied_.end() ? Offset() : found->second;
}

std::unique_ptr<StoreSnapshot> MemoryStore::NewSnapshot() const {
  const std::scoped_lock lock(mutex_);
  return std::make_unique<Snapshot>(mutex_, families_);
}

}  // namespace conntrail
