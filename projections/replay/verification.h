#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "events/log/event_log.h"
#include "projections/evidence/signed_heads.h"
#include "projections/replay/difference.h"
#include "projections/replay/replay_course.h"
#include "projections/state_digest.h"
#include "projections/store/store.h"

namespace conntrail {

struct VerifyRun {
  // Where the log is folded anew. A run that was cut off goes on there (replay_place.h).
  std::filesystem::path work;
  size_t threads = 1;
  uint64_t records_per_second_max = 0;  // of all threads together; 0: no limit
  size_t memory_bytes_max = 0;          // of all threads together, about; 0: no limit
  // What this machine has signed; may be null.
  const SignedHeads* signed_heads = nullptr;
  ReplayCourse::Watch watch;
};

struct VerifiedPartition {
  PartitionId partition;
  uint64_t records = 0;       // of the log
  uint64_t applied = 0;       // of these by the store
  uint64_t seals = 0;         // that were compared
  uint64_t signed_heads = 0;  // likewise
  StateDigests digests;       // of what follows from the log, at `applied`
  std::optional<Difference> difference;
};

// Folds each partition of `log` for which there is a store anew, and compares: at every seal the
// heads root, the numbers of records and of orgs; where the store stands all rows; at the log's end
// every head that was signed. At the first difference of a partition its comparison ends.
//
// The answer depends on log and stores alone, not on threads and not on how often it was cut off.
//
// kCorruption: the log is not what was written, or ends before what a store has applied.
// kUnavailable: stopped by `watch`. kFailedPrecondition: the log has rules that this build does not
// know. kInvalidArgument: a store is of a partition that the log does not have.
Result<std::vector<VerifiedPartition>> VerifyStores(
    EventLog& log, const std::map<PartitionId, const Store*>& stores, const VerifyRun& run);

}  // namespace conntrail
