#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/planted_fault.h"

namespace conntrail {

// What a simulation did, so that nobody takes an idle one for a good one.
struct SimulationCounts {
  uint64_t records = 0;       // on the log at the end
  uint64_t acknowledged = 0;  // appends
  uint64_t retries = 0;       // of appends of unknown fate
  uint64_t duplicates = 0;    // records that the fold recognised as retries
  uint64_t answers = 0;       // given to gateways
  uint64_t crashes = 0;
  uint64_t torn_records = 0;  // lost with a crash, never acknowledged
  uint64_t lost_writes = 0;   // of the store, since its last flush
  uint64_t write_failures = 0;

  void Add(const SimulationCounts& other);
  std::string ToString() const;
};

struct SimulationReport {
  std::string failure;  // "" if everything is as it must be
  SimulationCounts counts;
};

// Several gateways write to a log that fails, a projector reads it into a store that fails, the
// clock jumps, processes die. Then all is repaired, and the rows are compared with those of a clean
// replay, what was acknowledged with the trail, and each gateway's answers with the trail.
//
// `seed` decides everything: the same seed gives the same run everywhere. With `verbose` each step
// is printed.
SimulationReport Simulate(uint64_t seed, PlantedFault fault = PlantedFault::kNone,
                          bool verbose = false);

}  // namespace conntrail
