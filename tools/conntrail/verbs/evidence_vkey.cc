#include "projections/evidence/open_signer.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string name;
};

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgView org, session.ViewOfOrg());
  CONNTRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<Signer> signer,
                             OpenSigner(*directory, options.name));
  session.sink().Write(signer->key().VerifierKeyOf(org.address()).ToString() + "\n");
  return ExitCode::kOk;
}

}  // namespace

void AddEvidenceVkey(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "vkey", "The public key by which others check the evidence of an organisation",
      "  conntrail evidence vkey --data DIR --org acme > acme.vkey\n"
      "Give it to auditors by another way than the exports. It never changes while the key is "
      "kept.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--name", options->name,
                  "What the deployment is called in its evidence, if it has no key yet; for ever")
      ->type_name("HOST/DEPLOYMENT");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
