#pragma once

#include <string>
#include <string_view>

#include "events/base/json_writer.h"
#include "events/event.h"
#include "projections/fold/entity.h"
#include "services/api/fault.h"

// Restriction policies as documents of the API (type "restriction_policy"). Faults have the texts
// that the API is known for.
namespace conntrail::api {

// "connection:<uuid>", as it stands in the path, percent-decoded.
Parsed<ConnectionId> ReadRestrictedResource(std::string_view resource_id);
std::string RestrictedResourceOf(const ConnectionId& connection);

// The value of the query parameter `allow_self_lockout`; null counts as false.
Parsed<bool> ReadAllowSelfLockout(const std::string* parameter);

// The body of POST /api/v2/restriction_policy/connection:<uuid>. What stands twice counts once. A
// policy without bindings is what a connection without a policy has, so it restores the default.
// `user:` names service accounts, too; of orgs there is only `org`.
Parsed<PolicyReplaced> ReadPolicy(std::string_view body, const ConnectionId& connection,
                                  const OrgId& org, bool allow_self_lockout);

// Writes the resource: bindings from viewer to editor, each with its principals by kind and id;
// none without a policy.
void WritePolicy(JsonWriter& out, const Connection& connection);

}  // namespace conntrail::api
