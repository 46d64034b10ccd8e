#pragma once

#include <span>
#include <vector>

#include "services/api/service.h"

namespace conntrail::api {

// One table a resource, each in the file of that name.
std::span<const Endpoint> AppKeyRegistrationEndpoints();
std::span<const Endpoint> ConnectionEndpoints();
std::span<const Endpoint> CredentialEndpoints();
std::span<const Endpoint> RestrictionPolicyEndpoints();
std::span<const Endpoint> AuditEndpoints();
std::span<const Endpoint> AccessEndpoints();
std::span<const Endpoint> ConnectionEventEndpoints();
std::span<const Endpoint> AccessKeyEndpoints();
std::span<const Endpoint> WorkflowEndpoints();
std::span<const Endpoint> IntegrationEndpoints();
std::span<const Endpoint> ScimEndpoints();
std::span<const Endpoint> OrgEndpoints();
std::span<const Endpoint> StateEndpoints();
std::span<const Endpoint> EvidenceEndpoints();

// All of them.
std::vector<std::span<const Endpoint>> AllEndpoints();

// The form of errors where no endpoint is found: that of the endpoints whose paths begin as
// `target` does, if they agree.
ErrorForm ErrorFormOf(std::string_view target);

}  // namespace conntrail::api
