#pragma once

#include <string_view>

#include "projections/views/org_view.h"
#include "services/api/audit/audit_event.h"

namespace conntrail::api {

// What stands in the attributes of an audit event whatever parts it has.
Tree AttributesOf(const AuditEvent& event, const OrgState& org);

// "gap", "late", "producer_gap"
Tree MarksTree(uint16_t marks);

}  // namespace conntrail::api
