#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "projections/merkle/hasher.h"
#include "projections/store/store.h"
#include "projections/views/org_view.h"

namespace conntrail {

// What one of two stores says of a record.
struct BisectSide {
  std::optional<TrailRecord> record;  // nullopt: it has none there
  merkle::Hash leaf{};
  std::string fault;  // why it cannot be read; "": it can
};

// The first record that is not equal in two stores.
struct BisectFound {
  keys::OrgAddress org;
  std::string org_name;
  OrgIndex index;
  BisectSide a, b;
};

struct BisectAnswer {
  uint64_t seals = 0;                     // that both have
  std::optional<uint64_t> equal;          // the last seal up to which all is equal
  std::optional<uint64_t> different;      // the first whose heads root is not
  uint64_t records_compared = 0;          // one by one
  uint64_t records_a = 0, records_b = 0;  // applied
  std::optional<BisectFound> found;
  // The seals differ, but no record does: their rows are not what follows from the trails.
  bool only_evidence_differs = false;

  bool is_equal() const { return !found && !different; }
};

// Finds where two stores of one partition part: by halving the seals that both have, then leaf by
// leaf in what lies between two of them, or behind the last one. Where they have no seal in common
// all is compared. That one is ahead of the other is no difference.
//
// `watch` may be null; it gets how many records were compared, and stops it by returning false
// (kUnavailable).
Result<BisectAnswer> Bisect(const std::shared_ptr<const StoreSnapshot>& a,
                            const std::shared_ptr<const StoreSnapshot>& b, PartitionId partition,
                            const std::function<bool(uint64_t records)>& watch);

}  // namespace conntrail
