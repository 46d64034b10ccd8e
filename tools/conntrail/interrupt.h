#pragma once

namespace conntrail {

// Ctrl-C and SIGTERM ask for an end at the next batch; a second one ends the process at once.
// SIGPIPE is ignored, so that a closed output is seen as a failed write.
void CatchSignals();

// The signal that asked for an end; 0: none has.
int SignalCaught();

}  // namespace conntrail
