#pragma once

#include <filesystem>
#include <string>

#include "events/base/result.h"
#include "events/base/uuid.h"

namespace conntrail {

// Takes `directory` for a replay of that log by that build, so that one that is cut off goes on
// there, and no other one does. Makes it if there is none.
//
//   DIR/replay   "conntrail replay 1" LF "log " uuid LF "build " text LF
//                "rules " highest version known LF "layout " N LF
//
// kFailedPrecondition: it was begun for another log, by another build, or is not as it was written;
// or it is not empty and nobody's. REQUIRES: `build` is one line.
Status TakeReplayPlace(const std::filesystem::path& directory, const Uuid& log_id,
                       const std::string& build);

}  // namespace conntrail
