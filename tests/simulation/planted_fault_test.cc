// The simulation finds the bugs that it is there to find.

#include <gtest/gtest.h>

#include "tests/simulation/simulation.h"

namespace conntrail {
namespace {

// How many of the first `seeds` seeds find `fault`.
int FoundBy(PlantedFault fault, int seeds) {
  int found = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    found += Simulate(static_cast<uint64_t>(seed), fault).failure.empty() ? 0 : 1;
  }
  return found;
}

TEST(Simulation, FindsARecordThatTheProjectorSkipped) {
  EXPECT_GE(FoundBy(PlantedFault::kSkipRecord, 100), 50);
}
TEST(Simulation, FindsARecordThatTheProjectorAppliedTwice) {
  EXPECT_GE(FoundBy(PlantedFault::kApplyTwice, 100), 50);
}
TEST(Simulation, FindsALogThatAcknowledgesBeforeItIsDurable) {
  EXPECT_GE(FoundBy(PlantedFault::kAcknowledgeEarly, 100), 10);
}
TEST(Simulation, FindsNothingWhereNothingIsWrong) {
  EXPECT_EQ(FoundBy(PlantedFault::kNone, 200), 0);
}
TEST(Simulation, TheSameSeedDoesTheSame) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(Simulate(seed).counts.ToString(), Simulate(seed).counts.ToString());
  }
}

}  // namespace
}  // namespace conntrail
