#pragma once

#include <cstdint>
#include <optional>

#include "events/event.h"
#include "projections/store/keys.h"

namespace conntrail {

// Who has sent a request, once that is established.
struct Caller {
  OrgId org;
  keys::OrgAddress address;
  std::optional<KeyId> api_key;          // absent with a bearer token
  std::optional<KeyId> application_key;  // absent with an API key alone, or a bearer token
  std::optional<Principal> principal;    // the owner of the application key, the bearer's subject
  uint64_t rights = 0;                   // bits of right::

  bool Has(uint64_t right) const { return (rights & right) == right; }
};

}  // namespace conntrail
