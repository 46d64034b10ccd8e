#include <algorithm>

#include "services/api/endpoints.h"

namespace conntrail::api {
namespace {

// The first segment of `path`, which loses it.
std::string_view TakeSegment(std::string_view& path) {
  path.remove_prefix(std::min(size_t{1}, path.size()));  // the "/" before it
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

size_t SharedSegments(std::string_view a, std::string_view b) {
  size_t shared = 0;
  while (!a.empty() && !b.empty() && TakeSegment(a) == TakeSegment(b)) ++shared;
  return shared;
}

}  // namespace

std::vector<std::span<const Endpoint>> AllEndpoints() {
  return {ConnectionEndpoints(),
          CredentialEndpoints(),
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
          StateEndpoints(),
          EvidenceEndpoints()};
}

ErrorForm ErrorFormOf(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  size_t shared_max = 0;
  ErrorForm form = ErrorForm::kTexts;
  for (const std::span<const Endpoint> table : AllEndpoints()) {
    for (const Endpoint& endpoint : table) {
      const size_t shared = SharedSegments(path, endpoint.path);
      if (shared > shared_max) {
        form = endpoint.errors;
      } else if (shared > 0 && shared == shared_max && form != endpoint.errors) {
        form = ErrorForm::kTexts;
      }
      shared_max = std::max(shared, shared_max);
    }
  }
  return form;
}

}  // namespace conntrail::api
