#include "tools/conntrail/evidence/open_signer.h"

#include <unistd.h>

namespace conntrail::evidence {
namespace {

std::string NameOfMachine() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return "localhost/conntrail";
  const std::string deployment = std::string(name) + "/conntrail";
  return IsDeploymentName(deployment) ? deployment : "localhost/conntrail";
}

}  // namespace

Result<std::unique_ptr<Signer>> OpenSigner(const DataDirectory& directory,
                                           const std::string& name) {
  Signer::Options options;
  options.name = name.empty() ? NameOfMachine() : name;
  options.is_name_chosen = !name.empty();
  return Signer::Open(directory.path(), options);
}

void AddNameOption(CLI::App& verb, std::string& name) {
  verb.add_option("--name", name,
                  "What the deployment is called in its evidence, if it has no key yet; for ever "
                  "(default: this machine's name and /conntrail)")
      ->type_name("HOST/DEPLOYMENT");
}

}  // namespace conntrail::evidence
