#include "services/api/endpoints.h"

namespace conntrail::api {

std::vector<std::span<const Endpoint>> AllEndpoints() {
  return {ConnectionEndpoints(),
          RestrictionPolicyEndpoints(),
          AppKeyRegistrationEndpoints(),
          ConnectionEventEndpoints(),
          AccessKeyEndpoints(),
          WorkflowEndpoints(),
          IntegrationEndpoints(),
          AuditEndpoints(),
          AccessEndpoints(),
          ScimEndpoints(),
          OrgEndpoints(),
          StateEndpoints()};
}

}  // namespace conntrail::api
