#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  CLI::App* verb = nullptr;
};

// Becomes conntrail-verify, which links nothing that writes evidence.
Result<ExitCode> Run(Session&, const Options& options) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (self.parent_path() / "conntrail-verify").string();
  std::vector<std::string> arguments = options.verb->remaining();
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return Status::Io(fmt::format("cannot run {}: {}", program, std::strerror(errno)));
}

}  // namespace

void AddEvidenceVerify(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "verify", "Checks an export or a proof offline: conntrail-verify",
                           "  conntrail evidence verify acme.zip --vkey acme.vkey\n"
                           "All arguments are those of conntrail-verify, whose exit code this is.");
  verb.prefix_command();
  verb.set_help_flag();
  const auto options = std::make_shared<Options>();
  options->verb = &verb;
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
