#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "tools/conntrail/session.h"

namespace conntrail {

// The tree of verbs and options, and what the command line that was parsed asks for.
struct CommandLine {
  CLI::App app;
  Settings settings;
  std::function<Result<ExitCode>(Session&)> task;  // of the verb that was given
};

// All verbs (verbs/verbs.h) and the options that they share.
std::unique_ptr<CommandLine> MakeCommandLine();

// Adds a verb below `group`, which is the app or a verb with verbs below it.
CLI::App& AddVerb(CLI::App& group, const std::string& name, const std::string& description,
                  const std::string& examples);

// --limit (`limit` stays, if it is not given) and, unless `cursor` is null, --cursor.
void AddPageOptions(CLI::App& verb, size_t& limit, size_t limit_max, std::string* cursor);

// `run` is what `verb` does, with the options that were parsed into `options`.
template <typename Options>
void OnVerb(CLI::App& verb, CommandLine& line, std::shared_ptr<Options> options,
            Result<ExitCode> (*run)(Session&, const Options&)) {
  verb.callback([&line, options = std::move(options), run] {
    line.task = [options, run](Session& session) { return run(session, *options); };
  });
}

}  // namespace conntrail
