#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "projections/evidence/signed_heads.h"
#include "projections/replay/difference.h"
#include "projections/store/store.h"

namespace conntrail {

struct ScanAnswer {
  uint64_t records = 0;  // in all trails
  uint64_t rows = 0;     // that were read, of all families
  uint64_t seals = 0;
  uint64_t signed_heads = 0;
  std::optional<Difference> difference;  // the first: what is not as the trails make it
};

struct ScanRun {
  const SignedHeads* signed_heads = nullptr;
  // Gets records done and all there are; false stops. May be null.
  std::function<bool(uint64_t done, uint64_t end)> watch;
};

// Reads every row of a partition, and computes again from the trails what follows from them: the
// trees with their nodes, heads, seals and signed heads; counts; the lines of history and actor
// rows; of each entity that has a history its last state. So rows that have rotted are found
// without the log.
//
// What only a fold can tell (entities without a history, masks of blocks) is decoded, not compared.
// kUnavailable: stopped by `watch`. What cannot be read is a difference, not an error.
Result<ScanAnswer> ScanStore(const std::shared_ptr<const StoreSnapshot>& snapshot,
                             PartitionId partition, const ScanRun& run);

}  // namespace conntrail
