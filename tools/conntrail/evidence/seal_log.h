#pragma once

#include "projections/data_directory.h"
#include "projections/evidence/signer.h"

namespace conntrail::evidence {

// Appends a seal to `partition`, with the heads that `signer` (may be null) has signed since the
// last one, and applies it: after this the tree of each of its orgs has a sealed head of its size.
// kUnavailable: the log has had another seal less than a second ago.
Status SealLog(DataDirectory& directory, PartitionId partition, Signer* signer);

}  // namespace conntrail::evidence
