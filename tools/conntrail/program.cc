#include "tools/conntrail/program.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

#include "tools/conntrail/command_line.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/output/display_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

// One line, whatever is in it.
void PrintError(const std::string& message) {
  std::fprintf(stderr, "conntrail: %s\n", EscapeForTerminal(message).c_str());
}

// The verb that was given as far as it is one: "connections list".
const CLI::App* GivenVerb(const CLI::App& app, std::string& path) {
  const auto given = app.get_subcommands();
  if (given.empty()) return &app;
  path += " " + given[0]->get_name();
  return GivenVerb(*given[0], path);
}

int ExplainUsage(const CLI::App& app, const CLI::ParseError& error) {
  std::string path = "conntrail";
  const CLI::App* verb = GivenVerb(app, path);
  if (dynamic_cast<const CLI::CallForHelp*>(&error) != nullptr) {
    // CLI11 puts the name itself behind what it is given.
    const size_t parents = path.size() - std::min(path.size(), verb->get_name().size() + 1);
    std::fputs(verb->help(verb == &app ? "" : path.substr(0, parents)).c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ExitCode::kIo);
  }
  const auto below = verb->get_subcommands([](const CLI::App*) { return true; });
  if (!below.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    std::string names;
    for (const CLI::App* one : below) names += (names.empty() ? "" : ", ") + one->get_name();
    PrintError(path + " needs a verb: " + names + "; see " + path + " --help");
  } else {
    PrintError(std::string(error.what()) + "; see " + path + " --help");
  }
  return static_cast<int>(ExitCode::kUsage);
}

int Run(CommandLine& line) {
  Sink sink(STDOUT_FILENO);
  Result<ExitCode> ended(ExitCode::kOk);
  {
    Session session(line.settings, sink);
    ended = line.task(session);
  }
  const Status flushed = sink.Flush();
  if (SignalCaught() != 0) return 128 + SignalCaught();
  if (!ended.ok()) {
    PrintError(ended.status().message());
    return static_cast<int>(ExitCodeOf(ended.status()));
  }
  if (!flushed.ok()) {
    PrintError(flushed.message());
    return static_cast<int>(ExitCodeOf(flushed));
  }
  return static_cast<int>(*ended);
}

}  // namespace

int RunProgram(int argc, const char* const* argv) {
  if (const std::optional<int> ended = BecomeVerifier(argc, argv)) return *ended;
  CatchSignals();
  const auto line = MakeCommandLine();
  try {
    line->app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExplainUsage(line->app, error);
  }
  return Run(*line);
}

}  // namespace conntrail
