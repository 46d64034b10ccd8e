#include "projections/replay/trail_compare.h"

#include <algorithm>
#include <memory>

namespace conntrail {
namespace {

constexpr uint64_t kRecordsATime = 4096;

// The records of one trail, oldest first.
class OldestFirst {
 public:
  explicit OldestFirst(const OrgView& org)
      : prefix_(keys::TrailPrefix(org.address())),
        rows_(org.snapshot().NewIterator(Family::kTrail)) {
    rows_->SeekForPrev(keys::Trail(org.address(), Place{}));
  }
  bool Valid() const { return rows_->Valid() && rows_->key().starts_with(prefix_); }
  void Next() { rows_->Prev(); }
  Status status() const { return rows_->status(); }
  std::string_view value() const { return rows_->value(); }
  Place place() const { return keys::PlaceOf(rows_->key()); }
  Status Read(TrailRow& row) const { return ReadTrailRow(rows_->key(), rows_->value(), row); }

 private:
  const keys::Key prefix_;
  const std::unique_ptr<StoreIterator> rows_;
};

Result<bool> AreEqual(const OldestFirst& a, const OldestFirst& b) {
  if (a.place() == b.place() && a.value() == b.value()) return true;
  TrailRow ours, theirs;
  CONNTRAIL_RETURN_IF_ERROR(a.Read(ours));
  CONNTRAIL_RETURN_IF_ERROR(b.Read(theirs));
  return ours.line == theirs.line && ours.rules == theirs.rules && ours.slot == theirs.slot &&
         ours.first == theirs.first && ours.idempotency_key == theirs.idempotency_key &&
         ours.request_mark == theirs.request_mark && ours.event == theirs.event;
}

}  // namespace

Result<TrailComparison> CompareTrails(
    const OrgView& a, const OrgView& b,
    const std::function<bool(uint64_t done, uint64_t end)>& progress) {
  TrailComparison comparison;
  OldestFirst ours(a);
  OldestFirst theirs(b);
  const uint64_t end = std::max(a.state().next_index.value, b.state().next_index.value);
  for (; ours.Valid() && theirs.Valid(); ours.Next(), theirs.Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const bool equal, AreEqual(ours, theirs));
    if (!equal) break;
    comparison.common = ours.place();
    ++comparison.equal;
    const bool tells = progress && comparison.equal % kRecordsATime == 0;
    if (tells && !progress(comparison.equal, end)) return Status::Unavailable("stopped");
  }
  CONNTRAIL_RETURN_IF_ERROR(ours.status());
  CONNTRAIL_RETURN_IF_ERROR(theirs.status());
  const auto line_of = [](const OldestFirst& rows) -> Result<std::optional<TrailLine>> {
    if (!rows.Valid()) return std::optional<TrailLine>();
    TrailRow row;
    CONNTRAIL_RETURN_IF_ERROR(rows.Read(row));
    return std::optional(row.line);
  };
  CONNTRAIL_ASSIGN_OR_RETURN(comparison.a, line_of(ours));
  CONNTRAIL_ASSIGN_OR_RETURN(comparison.b, line_of(theirs));
  return comparison;
}

}  // namespace conntrail
