#pragma once

#include <optional>
#include <string>

#include "projections/evidence/org_tree.h"
#include "projections/replay/difference.h"
#include "projections/state_digest.h"
#include "projections/store/store.h"

namespace conntrail {

// Two stores of one partition of one log side by side.
struct StoreComparison {
  std::optional<NumberedSeal> common;  // the last seal that both have
  bool has_digests = false;            // both stand at the same offset
  StateDigests digests;                // of `expected`
  std::optional<Difference> difference;
};

// `expected` is the one that is believed. Where both stand at `next` alike, digests are compared,
// too: that reads all rows.
Result<StoreComparison> CompareStores(const StoreSnapshot& found, const StoreSnapshot& expected,
                                      PartitionId partition, bool is_same_offset);

// The first seal, of those below `end`, that is not equal in both: heads that differ never become
// equal again, so that it is found by halving. nullopt: all are.
Result<std::optional<uint64_t>> FirstDifferentSeal(const StoreSnapshot& a, const StoreSnapshot& b,
                                                   PartitionId partition, uint64_t end);

}  // namespace conntrail
