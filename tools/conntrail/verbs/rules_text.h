#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/data_directory.h"

// What `rules show` and `rules activate` share.
namespace conntrail {

struct RulesInForce {
  PartitionId partition;
  RulesVersion version;
  std::optional<UnixMs> since_ms;  // effective time of its activation; none for the first version
};

// Of each partition that is projected here.
Result<std::vector<RulesInForce>> RulesOf(DataDirectory& directory);

// "everywhere", "in partition 0, 2", or "".
std::string WhereInForce(const std::vector<RulesInForce>& all, RulesVersion version);
// The time of the first partition where it is in force; "" if there is none.
std::string SinceWhen(const std::vector<RulesInForce>& all, RulesVersion version);

// What is different from the version before.
std::string_view DescribeRules(RulesVersion version);

}  // namespace conntrail
