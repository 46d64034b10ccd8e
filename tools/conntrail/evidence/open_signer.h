#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "projections/data_directory.h"
#include "projections/evidence/signer.h"

namespace conntrail::evidence {

// What signs for the data directory. Where it has no key one is made, named `name`, or after this
// machine if that is empty.
Result<std::unique_ptr<Signer>> OpenSigner(const DataDirectory& directory, const std::string& name);

// --name, for OpenSigner.
void AddNameOption(CLI::App& verb, std::string& name);

}  // namespace conntrail::evidence
