#pragma once

#include <functional>
#include <vector>

#include "services/api/audit/audit_event.h"
#include "services/api/audit/query_ast.h"
#include "services/api/audit/query_plan.h"

namespace conntrail::api {

struct AuditWindow {
  UnixMs from_ms = kTimeMsMin;  // both ends belong to it
  UnixMs to_ms = kTimeMsMax;
};

// The audit events of an org that a query takes, in steps.
//
// Not thread-safe. `org` and `query` must outlive it.
class AuditScan {
 public:
  // Begins behind `after`, if that is given.
  AuditScan(const OrgView& org, const QueryNode& query, const AuditWindow& window,
            bool newest_first, const std::optional<Place>& after);

  // Looks at up to `rows` records and calls `take` with each that matches. `is_full` is asked
  // before each record; kStopped once it says so. What has been looked at is not looked at again.
  Result<WalkEnd> Step(size_t rows, const std::function<bool()>& is_full,
                       const std::function<Status(AuditEvent&)>& take);

  // Adds to an event that was taken.
  Status Add(AuditEvent& event, unsigned parts) { return reader_.Add(event, parts); }

  // The last record looked at; nullopt: none.
  const std::optional<Place>& last() const { return walk_.after; }

 private:
  Result<bool> Takes(AuditEvent& event);

  const OrgView& org_;
  AuditEventReader reader_;
  QueryPlan plan_;
  TrailWalk walk_;
  bool is_settled_ = false;
  std::vector<const QueryNode*> cheap_;   // conditions on the record alone
  std::vector<const QueryNode*> costly_;  // those that need parts
  unsigned parts_ = 0;
};

}  // namespace conntrail::api
