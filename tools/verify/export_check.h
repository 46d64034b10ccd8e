#pragma once

#include <string>

#include "projections/merkle/checkpoint.h"
#include "projections/merkle/proof.h"
#include "tools/verify/report.h"

namespace conntrail::verify {

struct CheckOptions {
  merkle::VerifierKey key;
  std::string since;  // a checkpoint that was kept, as it was signed; empty: none
  // False: decoded files are not looked at, and the report says so.
  bool with_decoded = true;
};

// Checks all of an export (export_format.h), in a directory or a zip file, against the key. Adds to
// the report what was right, in order, and what is refused: kCorruption of the export; kNotFound
// and kIo of what could not be read.
void CheckExport(const std::string& path, const CheckOptions& options, Report& report);

// Checks that `checkpoint` is the beginning of the tree that `nodes` has up to `head`: neither a
// rollback nor a fork. `name` says which checkpoint it is.
Status CheckExtends(const merkle::Checkpoint& checkpoint, const std::string& name,
                    const merkle::Checkpoint& head, merkle::NodeSource& nodes);

}  // namespace conntrail::verify
