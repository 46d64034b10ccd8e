#pragma once

#include <string_view>
#include <vector>

#include "projections/fold/org_state.h"
#include "services/api/audit/audit_event.h"

namespace conntrail::api {

inline constexpr std::string_view kOcsfVersion = "1.2.0";

// A record as events of the Open Cybersecurity Schema Framework:
//   grants and withdrawals of access   User Access Management 3005, one event for each grant
//   uses, reads, what is no event      API Activity 6003
//   everything else                    Entity Management 3004
// All attributes that these classes require are there. At least one event.
std::vector<Tree> OcsfEventsOf(const AuditEvent& event, const OrgState& org);

}  // namespace conntrail::api
