#pragma once

#include <optional>
#include <string>

#include "projections/merkle/checkpoint.h"
#include "tools/verify/report.h"

namespace conntrail::verify {

// Checks a .tlog-proof against the key. The leaf is `entry`; without one it is what the proof's
// extra line has. `since` as in CheckOptions; a proof can show only that it is no rollback, and no
// fork of the same size.
void CheckProof(const std::string& path, const merkle::VerifierKey& key,
                const std::optional<std::string>& entry, const std::string& since, Report& report);

}  // namespace conntrail::verify
