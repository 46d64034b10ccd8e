#include "services/api/audit/audit_scan.h"

#include "services/api/audit/query_match.h"

namespace conntrail::api {

AuditScan::AuditScan(const OrgView& org, const QueryNode& query, const AuditWindow& window,
                     bool newest_first, const std::optional<Place>& after)
    : org_(org), reader_(org), plan_(PlanOf(query)), parts_(PartsNeeded(query)) {
  walk_.newest_first = newest_first;
  walk_.after = after;
  plan_.filter.from_ms = window.from_ms;
  plan_.filter.to_ms = window.to_ms;
  std::vector<const QueryNode*> all{&query};
  if (query.op == QueryNode::Op::kAnd) {
    all.clear();
    for (const QueryNode& part : query.parts) all.push_back(&part);
  }
  for (const QueryNode* part : all) (PartsNeeded(*part) == 0 ? cheap_ : costly_).push_back(part);
}

Result<bool> AuditScan::Takes(AuditEvent& event) {
  for (const QueryNode* part : cheap_) {
    if (!Matches(*part, event.document)) return false;
  }
  if (costly_.empty()) return true;
  CONNTRAIL_RETURN_IF_ERROR(reader_.Add(event, parts_));
  for (const QueryNode* part : costly_) {
    if (!Matches(*part, event.document)) return false;
  }
  return true;
}

Result<WalkEnd> AuditScan::Step(size_t rows, const std::function<bool()>& is_full,
                                const std::function<Status(AuditEvent&)>& take) {
  if (!is_settled_) {
    CONNTRAIL_RETURN_IF_ERROR(plan_.Settle(org_));
    is_settled_ = true;
    walk_.filter = plan_.filter;
  }
  if (plan_.takes_nothing) return WalkEnd::kTrailEnd;
  walk_.scan_rows_max = rows;
  const auto each = [&](const WalkedRecord& walked) -> Result<bool> {
    if (is_full()) return false;
    CONNTRAIL_ASSIGN_OR_RETURN(AuditEvent event, reader_.Read(walked));
    if (!plan_.MayTake(event.line.type, event.words)) return true;
    reader_.Describe(event);
    CONNTRAIL_ASSIGN_OR_RETURN(const bool takes, Takes(event));
    if (takes) CONNTRAIL_RETURN_IF_ERROR(take(event));
    return true;
  };
  CONNTRAIL_ASSIGN_OR_RETURN(const WalkStop stop, WalkTrail(org_, walk_, each));
  walk_.after = stop.last;
  return stop.end;
}

}  // namespace conntrail::api
