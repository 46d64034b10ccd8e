#include "projections/outcomes/outcome_history.h"

#include "projections/store/keys.h"
#include "projections/store/trail_row.h"
#include "projections/views/org_view.h"

namespace conntrail {
namespace {

constexpr uint64_t kBetweenFlushes = 10'000;

FoldedRecord FoldedOf(const OrgId& org, const TrailRow& row) {
  FoldedRecord folded;
  folded.org = org;
  folded.line = row.line;
  folded.first = row.first;
  folded.slot = row.slot;
  folded.rules = row.rules;
  return folded;
}

}  // namespace

Status TellHistory(const StoreSnapshot& snapshot, PartitionId partition, OutcomeSink& outcomes,
                   const std::function<void(uint64_t next, uint64_t end)>& progress) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto orgs, OrgView::ListOrgs(snapshot, partition));
  uint64_t end = 0;
  for (const OrgState& org : orgs) end += org.next_index.value;
  uint64_t told = 0;
  const auto rows = snapshot.NewIterator(Family::kTrail);
  for (const OrgState& org : orgs) {
    const keys::OrgAddress address{partition, org.slot};
    const keys::Key prefix = keys::TrailPrefix(address);
    rows->SeekForPrev(keys::Trail(address, Place{}));  // the oldest stands last
    for (; rows->Valid() && rows->key().starts_with(prefix); rows->Prev()) {
      TrailRow row;
      CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(rows->key(), rows->value(), row));
      const FoldedRecord folded = FoldedOf(org.id, row);
      const LogRecord record{.offset = folded.offset, .payload = AsBytes(row.event)};
      outcomes.Take({&record, 1}, {&folded, 1});
      if (++told % kBetweenFlushes != 0) continue;
      CONNTRAIL_RETURN_IF_ERROR(outcomes.Flush());
      if (progress) progress(told, end);
    }
    CONNTRAIL_RETURN_IF_ERROR(rows->status());
  }
  CONNTRAIL_RETURN_IF_ERROR(outcomes.Flush());
  if (progress) progress(told, end);
  return Status::Ok();
}

}  // namespace conntrail
