#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "projections/store/store.h"

namespace conntrail {

// What a partition's projection amounts to, in two digests (SHA-256, lower-case hexadecimal) that
// are the same for every store, build and replay that folded the same records.
struct StateDigests {
  std::string state;     // of all orgs and entities as they are now, in canonical JSON
  std::string outcomes;  // of all trails: places, outcomes and event bytes, org by org
  uint64_t records = 0;  // in all trails

  bool operator==(const StateDigests&) const = default;
};

// Reads everything. kCorruption: the rows do not fit together (an index missing, a count wrong);
// the message says where.
//
//   state    = lines, each ended by "\n": for each org in order of its slot
//              `org <slot> <id> <records> <effective time ms> <connection slots> <name>`, then the
//              canonical JSON of each entity, in the order of the keys
//   outcomes = for each trail row in the order of the keys: u32 org slot | the key's place | the
//   row's value
//              without the append time, which is the log's own
Result<StateDigests> ComputeDigests(const StoreSnapshot& snapshot, PartitionId partition);

// Those of several partitions as one: of a single one its own, else the digests of a line
// `<partition> <digest>` for each. REQUIRES: not empty.
StateDigests Together(const std::map<PartitionId, StateDigests>& partitions);

}  // namespace conntrail
