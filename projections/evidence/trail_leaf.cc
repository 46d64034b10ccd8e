#include "projections/evidence/trail_leaf.h"

#include "projections/evidence/leaf_bytes.h"

namespace conntrail {

void AppendLeafOf(std::string& out, const TrailRow& row) {
  const LeafFacts facts = {row.line.verdict,       row.line.reason,   row.rules,
                           row.line.place.time_ms, row.line.revision, row.slot};
  AppendLeaf(out, facts, AsBytes(row.event));
}

}  // namespace conntrail
