// conntraild: the server.

#include <cstdio>

#include "services/auditd/config.h"
#include "services/auditd/daemon.h"
#include "services/auditd/diagnostics.h"

namespace conntrail {
namespace {

int ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return 0;
    case StatusCode::kInvalidArgument:
      return 2;
    case StatusCode::kCorruption:
      return 3;
    case StatusCode::kIo:
      return 7;
    default:
      return 4;
  }
}

int Run(const std::vector<std::string>& arguments) {
  const ConfigResult read = ReadConfig(arguments);
  if (!read.config) {
    std::FILE* out = read.exit_code == 0 ? stdout : stderr;
    return std::fputs(read.output.c_str(), out) < 0 ? 7 : read.exit_code;
  }
  const Status status = Serve(*read.config);
  if (!status.ok()) Tell(Level::kError, status.message());
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) {
  return conntrail::Run(std::vector<std::string>(argv + 1, argv + argc));
}
