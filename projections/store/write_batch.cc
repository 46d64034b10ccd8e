#include "projections/store/write_batch.h"

#include "events/base/check.h"

namespace conntrail {

void WriteBatch::Put(Family family, std::string_view key, std::string_view value,
                     std::string_view rest) {
  CONNTRAIL_CHECK(key < kRowKeysEnd);
  runs_[static_cast<size_t>(family)].Add(key, value, rest);
}

void WriteBatch::Delete(Family family, std::string_view key) {
  CONNTRAIL_CHECK(key < kRowKeysEnd);
  runs_[static_cast<size_t>(family)].AddDelete(key);
}

void WriteBatch::Append(const WriteBatch& other) {
  for (const Family family : kFamilies) {
    const RowRun& rows = other.rows(family);
    for (size_t i = 0; i < rows.count(); ++i) {
      const StoreRow row = rows.at(i);
      if (row.is_delete) {
        Delete(family, row.key);
      } else {
        Put(family, row.key, row.value);
      }
    }
  }
}

void WriteBatch::Clear() {
  for (RowRun& run : runs_) run.Clear();
}

size_t WriteBatch::count() const {
  size_t count = 0;
  for (const RowRun& run : runs_) count += run.count();
  return count;
}

size_t WriteBatch::bytes() const {
  size_t bytes = 0;
  for (const RowRun& run : runs_) bytes += run.bytes();
  return bytes;
}

}  // namespace conntrail
