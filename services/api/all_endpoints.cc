#include "services/api/endpoints.h"

namespace conntrail::api {

std::vector<std::span<const Endpoint>> AllEndpoints() {
  return {AppKeyRegistrationEndpoints(), ConnectionEventEndpoints(), AccessKeyEndpoints()};
}

}  // namespace conntrail::api
