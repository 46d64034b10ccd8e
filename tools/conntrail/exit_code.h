#pragma once

#include <string>

#include "events/base/status.h"

namespace conntrail {

// How a run of conntrail ended, as its process tells. Scripts depend on them; never renumber.
enum class ExitCode : int {
  kOk = 0,
  kDiffers = 1,   // what was compared is not equal
  kUsage = 2,     // the command line is wrong
  kDamaged = 3,   // the log or the store is not what was written
  kBusy = 4,      // another process has the directory, or something must be done first
  kNotFound = 5,  // there is no such directory, org, connection, record
  kRefused = 6,   // some of the input was refused
  kIo = 7,        // the operating system refused
};

ExitCode ExitCodeOf(const Status& status);

// One line a code, for --help.
std::string DescribeExitCodes();

}  // namespace conntrail
