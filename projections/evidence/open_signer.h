#pragma once

#include <memory>
#include <string>

#include "projections/data_directory.h"
#include "projections/evidence/signer.h"

namespace conntrail {

// The signer of a data directory. A key is made where there cannot be one elsewhere: for a log of
// this machine, or one without records; else kNotFound tells where to get it. `name`, HOST/NAME,
// is the deployment's in what is signed; "": as the key has it, or one made from the log's id.
Result<std::unique_ptr<Signer>> OpenSigner(DataDirectory& directory, const std::string& name);

// For the operator who knows that there is no key yet. kFailedPrecondition: there is.
Result<EvidenceKey> MakeEvidenceKey(DataDirectory& directory, const std::string& name);

}  // namespace conntrail
