#pragma once

#include <memory>
#include <string>

#include "events/log/log_copy.h"

namespace conntrail {

// The directory of an embedded log (log_directory.h) as the target of a copy of `source`, which is
// at `source_place`. Until OpenUp it is closed (closed_mark.h) as an unfinished copy; so is a log
// that was there and had moved away.
//
// kFailedPrecondition: there is another log; or the source has several partitions, or a record that
// no embedded log can have: the first one is named when it is appended.
Result<std::unique_ptr<CopyTarget>> BeginCopyToDirectory(const std::string& directory,
                                                         const EventLog& source,
                                                         const std::string& source_place);

}  // namespace conntrail
