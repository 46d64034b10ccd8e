#pragma once

#include <optional>
#include <string>

#include "events/base/strong_id.h"

namespace conntrail {

// The first place at which something is not as it follows from the log.
struct Difference {
  PartitionId partition;
  std::optional<uint64_t> seal;  // that is affected first
  std::string org;               // by name, or "slot N"; empty: of no org, or not known
  std::string what;              // what is compared: "the head at the seal", "a signed head", ...
  std::string expected;          // as it follows from the log
  std::string found;

  // One line: "partition 0, seal 12, org acme: the head ...: expected ..., found ...".
  std::string ToString() const;
};

}  // namespace conntrail
