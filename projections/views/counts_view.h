#pragma once

#include <cstdint>
#include <vector>

#include "projections/views/org_view.h"

namespace conntrail {

// Of the moment that is asked for, but for by_type.
struct OrgCounts {
  uint64_t records = 0;
  uint64_t connections = 0;  // that are not deleted
  uint64_t connections_deleted = 0;
  uint64_t connections_suspended = 0;
  uint64_t connections_without_policy = 0;
  uint64_t grants = 0;
  uint64_t accounts = 0;
  uint64_t groups = 0;
  std::vector<TypeCount> by_type;  // records by type and verdict, up to now
};

Result<OrgCounts> CountOrg(const OrgView& org, const Moment& at);

}  // namespace conntrail
