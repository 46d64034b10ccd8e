#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "projections/store/row_run.h"

namespace conntrail {

// The families of rows; keys.h has their keys, row_codec.h their values.
enum class Family : uint8_t {
  kState = 0,     // what is true now, and what the projector needs to go on
  kHistory = 1,   // by entity: one row a record that concerns it, with the entity after each change
  kTrail = 2,     // by org: one row a record, with its outcome and bytes
  kActor = 3,     // by actor: one row a record
  kEvidence = 4,  // by org: nodes of the tree over its trail, and its heads at seals
};
inline constexpr size_t kFamilyCount = 5;
inline constexpr std::array<Family, kFamilyCount> kFamilies = {
    Family::kState, Family::kHistory, Family::kTrail, Family::kActor, Family::kEvidence};

// Keys from here on are the store's own (watermark.h); a row key is any other string of bytes. Row
// keys begin with their partition, so there is no partition 0xFFFF.
inline constexpr std::string_view kRowKeysEnd("\xFF\xFF", 2);

// Rows to be written or deleted together; of several writes to one key the last one holds.
class WriteBatch {
 public:
  // REQUIRES: key < kRowKeysEnd; key and value are shorter than 4 GiB.
  void Put(Family family, std::string_view key, std::string_view value) {
    Put(family, key, value, {});
  }
  // The value is `value` and then `rest`.
  void Put(Family family, std::string_view key, std::string_view value, std::string_view rest);
  void Delete(Family family, std::string_view key);
  // Appends the writes of another batch.
  void Append(const WriteBatch& other);
  void Clear();  // keeps the memory for the next batch

  size_t count() const;
  bool empty() const { return count() == 0; }
  size_t bytes() const;  // memory in use

  // The writes to one family, in their order.
  const RowRun& rows(Family family) const { return runs_[static_cast<size_t>(family)]; }

 private:
  std::array<RowRun, kFamilyCount> runs_;
};

}  // namespace conntrail
