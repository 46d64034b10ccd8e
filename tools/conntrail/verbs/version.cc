#include "projections/fold/fold.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

Result<ExitCode> Run(Session& session, const Options&) {
  const std::string rules = std::to_string(kRulesVersionMax.value);
  WriteDocument(session.sink(), session.style(),
                {{"conntrail", CONNTRAIL_VERSION}, {"rules", rules}},
                "{\"rules\":" + rules + ",\"version\":\"" CONNTRAIL_VERSION "\"}");
  return ExitCode::kOk;
}

}  // namespace

void AddVersion(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "version", "This build, and the newest rules of the fold that it knows",
              "  conntrail version --output json");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
