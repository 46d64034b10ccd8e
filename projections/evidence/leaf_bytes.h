#pragma once

#include <optional>
#include <string>

#include "events/base/bytes.h"
#include "events/base/strong_id.h"
#include "events/base/time.h"
#include "projections/fold/outcome.h"
#include "projections/merkle/leaf.h"

namespace conntrail {

// What the leaf of a record (projections/merkle/leaf.h) says beside the record's bytes.
struct LeafFacts {
  Verdict verdict = Verdict::kNone;
  Reason reason = Reason::kNone;
  RulesVersion rules;
  UnixMs effective_time_ms = 0;
  Revision revision;
  std::optional<uint32_t> slot;
};

// Appends the leaf of the record with these bytes.
void AppendLeaf(std::string& out, const LeafFacts& facts, ByteSpan event);

}  // namespace conntrail
