#pragma once

#include <map>
#include <string>
#include <vector>

#include "projections/fold/outcome.h"
#include "tests/simulation/gateway.h"
#include "tests/support/store_rows.h"

// What is looked at when a simulation is over. Each says "" if all is well, else what is wrong.
namespace conntrail {

using TrailsByOrg = std::map<OrgId, std::vector<OwnedTrailRow>>;
TrailsByOrg TrailsOf(const Store& store);

// The rows of `store` against those of a clean replay of `log`.
std::string DifferenceFromReplay(const Store& store, EventLog& log);

// What was acknowledged is on the log at the offset that was named, and takes effect once.
std::string WrongAcknowledgement(const Gateway& gateway, EventLog& log, const TrailsByOrg& trails);

// What the gateway was told is what the trail says.
std::string WrongAnswer(const Gateway& gateway, const TrailsByOrg& trails);

uint64_t CountOf(Verdict verdict, const TrailsByOrg& trails);

}  // namespace conntrail
