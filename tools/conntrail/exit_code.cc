#include "tools/conntrail/exit_code.h"

namespace conntrail {

ExitCode ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return ExitCode::kOk;
    case StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case StatusCode::kCorruption:
      return ExitCode::kDamaged;
    case StatusCode::kUnavailable:
    case StatusCode::kFailedPrecondition:
      return ExitCode::kBusy;
    case StatusCode::kIo:
      return ExitCode::kIo;
  }
  return ExitCode::kIo;
}

std::string DescribeExitCodes() {
  return "Exit codes:\n"
         "  0  done\n"
         "  1  what was compared is not equal: verify, replay\n"
         "  2  the command line is wrong\n"
         "  3  the log or the store is damaged\n"
         "  4  the data directory is in use, the server does not answer or does not let you in, "
         "or\n"
         "     something must be done first\n"
         "  5  there is no such directory, organisation, connection or record\n"
         "  6  import: some of the input was refused\n"
         "  7  the operating system refused: disk full, no permission\n"
         "  130, 143  stopped by SIGINT, SIGTERM";
}

}  // namespace conntrail
