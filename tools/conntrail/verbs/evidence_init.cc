#include "projections/evidence/open_signer.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string name;
};

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(const EvidenceKey key, MakeEvidenceKey(*directory, options.name));
  session.Note("made " + directory->path() +
               "/keys/evidence.key; every node of this log needs a copy of it, mode 0600, and a "
               "backup is wise: what it has signed cannot be continued with another");
  session.sink().Write(key.name() + "\n");
  return ExitCode::kOk;
}

}  // namespace

void AddEvidenceInit(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "init", "Makes the key that signs evidence, where none could be made by itself",
      "  conntrail evidence init --data DIR --name example.org/main\n"
      "A directory with a log of its own needs no init. A node on a topic that has records does, "
      "once\n"
      "for all nodes: conntraild does not make a key that another node may have already.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--name", options->name,
                  "What the deployment is called in its evidence, for ever")
      ->type_name("HOST/DEPLOYMENT");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
