// conntraild: keeps one data directory open and its answers in step with the log. The HTTP API will
// be served from here; there is none yet.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "events/base/json_writer.h"
#include "projections/data_directory.h"

namespace conntrail {
namespace {

constexpr std::chrono::milliseconds kWait{500};  // how late a signal may be noticed
constexpr PartitionId kPartition{0};

constexpr char kUsage[] =
    "usage: conntraild --data DIR\n"
    "Keeps the answers of a data directory in step with its log. There is no HTTP API yet: until "
    "it\n"
    "comes, conntrail asks the directory itself, while conntraild does not run.\n"
    "  --data DIR  the data directory; made if there is none (or the variable CONNTRAIL_DATA)\n"
    "  --version   prints the version\n"
    "  --help      prints this\n"
    "Diagnostics are JSON lines on standard error. SIGTERM and SIGINT end it cleanly, with 0.\n"
    "Exit codes: 2 wrong arguments, 3 damaged, 4 in use or something must be done first, 7 I/O.\n";

volatile std::sig_atomic_t stop_asked = 0;
void AskToStop(int) { stop_asked = 1; }

void Tell(std::string_view level, std::string_view message, uint64_t next) {
  JsonWriter out;
  out.BeginObject();
  out.Name("level");
  out.Text(level);
  out.Name("message");
  out.Text(message);
  out.Name("next_offset");
  out.Uint(next);
  out.Name("time");
  out.Text(FormatTime(Clock::System().Now()));
  out.EndObject();
  std::fprintf(stderr, "%s\n", out.text().c_str());
}

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

Status Serve(const std::string& path) {
  DataDirectory::Options options;
  options.create = true;
  options.diagnostics = [](const std::string& text) { Tell("warning", text, 0); };
  CONNTRAIL_ASSIGN_OR_RETURN(const auto directory, DataDirectory::Open(path, options));
  CONNTRAIL_RETURN_IF_ERROR(directory->CatchUp());
  Tell("info", "in step with the log; there is no HTTP API yet",
       directory->projector().next().value);
  while (stop_asked == 0) {
    const Offset next = directory->projector().next();
    if (!directory->log().WaitFor(kPartition, next, kWait)) continue;
    CONNTRAIL_RETURN_IF_ERROR(directory->CatchUp());
  }
  CONNTRAIL_RETURN_IF_ERROR(directory->store().Flush());
  Tell("info", "stopped", directory->projector().next().value);
  return Status::Ok();
}

struct Arguments {
  std::string data;
  bool help = false;
  bool version = false;
  std::string wrong;
};

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  if (const char* data = std::getenv("CONNTRAIL_DATA")) arguments.data = data;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      arguments.help = true;
    } else if (argument == "--version") {
      arguments.version = true;
    } else if (argument == "--data" && i + 1 < argc) {
      arguments.data = argv[++i];
    } else if (argument.starts_with("--data=")) {
      arguments.data = argument.substr(7);
    } else {
      arguments.wrong = argument;
    }
  }
  return arguments;
}

int Run(int argc, char** argv) {
  const Arguments arguments = Parse(argc, argv);
  if (arguments.help) return std::fputs(kUsage, stdout) < 0 ? 7 : 0;
  if (arguments.version) return std::puts("conntraild " CONNTRAIL_VERSION) < 0 ? 7 : 0;
  if (!arguments.wrong.empty() || arguments.data.empty()) {
    const std::string what =
        arguments.data.empty() ? "--data is missing" : "what is \"" + arguments.wrong + "\"?";
    std::fprintf(stderr, "conntraild: %s; see conntraild --help\n", what.c_str());
    return 2;
  }
  std::signal(SIGTERM, AskToStop);
  std::signal(SIGINT, AskToStop);
  const Status status = Serve(arguments.data);
  if (!status.ok()) Tell("error", status.message(), 0);
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) { return conntrail::Run(argc, argv); }
