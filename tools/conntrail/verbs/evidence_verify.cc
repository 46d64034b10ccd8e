#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <unistd.h>

#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

// For whoever wrote options between the words: they are the verifier's, behind them.
Result<ExitCode> Run(Session&, const Options&) {
  return Status::InvalidArgument("write: conntrail evidence verify PATH --vkey KEY");
}

}  // namespace

std::optional<int> BecomeVerifier(int argc, const char* const* argv) {
  const bool is_meant =
      argc >= 3 && std::string_view(argv[1]) == "evidence" && std::string_view(argv[2]) == "verify";
  if (!is_meant) return std::nullopt;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string program = (self.parent_path() / "conntrail-verify").string();
  std::vector<char*> arguments{program.data()};
  for (int i = 3; i < argc; ++i) arguments.push_back(const_cast<char*>(argv[i]));
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  std::fprintf(stderr, "conntrail: cannot run %s: %s\n", program.c_str(), std::strerror(errno));
  return static_cast<int>(ExitCode::kIo);
}

void AddEvidenceVerify(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "verify", "Checks an export or a proof offline: conntrail-verify",
                           "  conntrail evidence verify acme.zip --vkey acme.vkey\n"
                           "All arguments are those of conntrail-verify, whose exit code this is.");
  verb.allow_extras();
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
