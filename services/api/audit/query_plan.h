#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "projections/views/trail_view.h"
#include "services/api/audit/event_words.h"
#include "services/api/audit/query_ast.h"

namespace conntrail::api {

// What the indexes of a trail can do for a query: every record that the query takes passes the
// filter, and is of the subject where there is one. The opposite need not hold; whoever walks
// matches each record as well.
struct QueryPlan {
  TrailFilter filter;           // actor, types, verdicts, marks; its subject if the kind is known
  std::optional<Uuid> subject;  // of whatever kind
  bool takes_nothing = false;   // no record can match
  // If there are any: only records that are of one of these types and so named.
  std::vector<std::pair<EventType, EventWords>> named;

  bool MayTake(EventType type, const EventWords& words) const;

  // Finds out of which kind the subject is, so that its history can be walked. Without effect if
  // that is known, or if there are several of that id.
  Status Settle(const OrgView& org);
};

// Looks at the conditions that must all hold; the rest is left to the matcher.
QueryPlan PlanOf(const QueryNode& query);

}  // namespace conntrail::api
