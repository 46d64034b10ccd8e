#include "tests/support/store_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "events/base/check.h"
#include "projections/store/keys.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

std::string At(const StoreIterator& at) {
  return at.Valid() ? ToHex(AsBytes(at.key())) : std::string("the end");
}

}  // namespace

RowList RowsOf(const Store& store, Family family) {
  RowList rows;
  const auto snapshot = store.NewSnapshot();
  const auto at = snapshot->NewIterator(family);
  for (at->Seek(""); at->Valid(); at->Next()) rows.emplace_back(at->key(), at->value());
  CONNTRAIL_CHECK(at->status().ok());
  return rows;
}

std::string FirstDifference(const Store& a, const Store& b) {
  const auto snapshot_a = a.NewSnapshot();
  const auto snapshot_b = b.NewSnapshot();
  for (const Family family : kFamilies) {
    const auto at_a = snapshot_a->NewIterator(family);
    const auto at_b = snapshot_b->NewIterator(family);
    at_b->Seek("");
    for (at_a->Seek(""); at_a->Valid() && at_b->Valid(); at_a->Next(), at_b->Next()) {
      if (at_a->key() == at_b->key() && at_a->value() == at_b->value()) continue;
      return fmt::format("family {}: rows {} and {} differ in {}", static_cast<int>(family),
                         At(*at_a), At(*at_b), at_a->key() == at_b->key() ? "value" : "key");
    }
    if (at_a->Valid() != at_b->Valid()) {
      return fmt::format("family {}: {} against {}", static_cast<int>(family), At(*at_a),
                         At(*at_b));
    }
    CONNTRAIL_CHECK(at_a->status().ok() && at_b->status().ok());
  }
  const Offset applied_a = a.Applied(kPartition).value();
  const Offset applied_b = b.Applied(kPartition).value();
  if (applied_a == applied_b) return "";
  return fmt::format("applied up to {} against {}", applied_a.value, applied_b.value);
}

std::vector<OwnedTrailRow> TrailOf(const Store& store, uint32_t slot) {
  std::vector<OwnedTrailRow> trail;
  const auto prefix = keys::TrailPrefix({kPartition, OrgSlot(slot)});
  const auto snapshot = store.NewSnapshot();
  const auto at = snapshot->NewIterator(Family::kTrail);
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    OwnedTrailRow& owned = trail.emplace_back();
    CONNTRAIL_CHECK(ReadTrailRow(at->key(), at->value(), owned.row).ok());
    owned.event = owned.row.event;
    owned.row.event = {};
  }
  std::sort(trail.begin(), trail.end(), [](const OwnedTrailRow& a, const OwnedTrailRow& b) {
    return a.row.line.place.index < b.row.line.place.index;
  });
  return trail;
}

}  // namespace conntrail
