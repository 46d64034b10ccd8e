#pragma once

#include "events/base/status.h"
#include "services/auditd/config.h"

namespace conntrail {

// Serves until SIGTERM or SIGINT: opens the data directory, catches up, lets the first
// administrator in, listens, writes the ready file, and ends once all that was accepted is
// answered. The only place where implementations are chosen and wired.
Status Serve(const Config& config);

}  // namespace conntrail
