#include "tools/conntrail/completion.h"

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string shell;
};

Result<ExitCode> Run(Session& session, const Options& options) {
  const std::unique_ptr<CommandLine> line = MakeCommandLine();
  if (options.shell == "bash") session.sink().Write(BashCompletion(line->app));
  if (options.shell == "zsh") session.sink().Write(ZshCompletion(line->app));
  if (options.shell == "fish") session.sink().Write(FishCompletion(line->app));
  return ExitCode::kOk;
}

}  // namespace

void AddCompletion(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "completion", "Prints a script that completes commands in a shell",
              "  source <(conntrail completion bash)\n"
              "  conntrail completion zsh > \"${fpath[1]}/_conntrail\"\n"
              "  conntrail completion fish | source");
  auto options = std::make_shared<Options>();
  verb.add_option("shell", options->shell, "The shell")
      ->type_name("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
