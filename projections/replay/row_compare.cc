#include "projections/replay/row_compare.h"

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "projections/store/family_name.h"
#include "projections/store/keys.h"

namespace conntrail {
namespace {

// A row's key as people can look it up.
std::string DescribeKey(Family family, std::string_view key) {
  const std::string hex = ToHex(AsBytes(key));
  const bool has_place = family != Family::kState && family != Family::kEvidence &&
                         key.size() >= 6 + keys::kPlaceBytes;
  if (!has_place) return fmt::format("{} row {}", FamilyName(family), hex);
  const Place place = keys::PlaceOf(key);
  return fmt::format("{} row {}: org slot {}, record {} of {}", FamilyName(family), hex,
                     ReadBigEndian(key.substr(2, 4)), place.index.value, FormatTime(place.time_ms));
}

bool AtRow(const StoreIterator& rows) { return rows.Valid() && rows.key() < kRowKeysEnd; }

Result<std::optional<std::string>> FirstDifferenceIn(Family family, const StoreSnapshot& stored,
                                                     const StoreSnapshot& expected) {
  const auto left = stored.NewIterator(family);
  const auto right = expected.NewIterator(family);
  left->Seek("");
  right->Seek("");
  for (; AtRow(*left) && AtRow(*right); left->Next(), right->Next()) {
    if (left->key() != right->key()) break;
    if (left->value() != right->value()) {
      return std::optional(DescribeKey(family, left->key()) + " has another value");
    }
  }
  CONNTRAIL_RETURN_IF_ERROR(left->status());
  CONNTRAIL_RETURN_IF_ERROR(right->status());
  const bool more = AtRow(*left);
  if (!more && !AtRow(*right)) return std::optional<std::string>();
  if (!more || (AtRow(*right) && right->key() < left->key())) {
    return std::optional(DescribeKey(family, right->key()) + " is missing");
  }
  return std::optional(DescribeKey(family, left->key()) + " does not follow from the log");
}

}  // namespace

Result<std::optional<std::string>> FirstDifference(const StoreSnapshot& stored,
                                                   const StoreSnapshot& expected) {
  for (size_t i = 0; i < kFamilyCount; ++i) {
    CONNTRAIL_ASSIGN_OR_RETURN(std::optional<std::string> difference,
                               FirstDifferenceIn(static_cast<Family>(i), stored, expected));
    if (difference) return difference;
  }
  return std::optional<std::string>();
}

}  // namespace conntrail
