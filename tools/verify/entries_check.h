#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tools/verify/tile_nodes.h"

namespace conntrail::verify {

struct EntriesFound {
  uint64_t bundles = 0;
  uint64_t entries = 0;  // in the bundles
  uint64_t rows = 0;     // that were compared with their entries
  uint64_t first_ms = 0;
  uint64_t last_ms = 0;
};

// That each entry of the bundles has the hash that the tree has at its index, that their times
// never fall, and that the decoded rows say what the entries say and give the control totals.
// `nodes` is a tree that was checked. Without `with_rows` the decoded rows are not looked at.
Result<EntriesFound> CheckEntries(Archive& archive, const Manifest& manifest, TileNodes& nodes,
                                  bool with_rows);

}  // namespace conntrail::verify
