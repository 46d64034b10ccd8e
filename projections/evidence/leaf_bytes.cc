#include "projections/evidence/leaf_bytes.h"

namespace conntrail {

void AppendLeaf(std::string& out, const LeafFacts& facts, ByteSpan event) {
  const merkle::LeafHeader header = {.outcome = static_cast<uint8_t>(facts.verdict),
                                     .reason = static_cast<uint16_t>(facts.reason),
                                     .rules = facts.rules.value,
                                     .time_ms = static_cast<uint64_t>(facts.effective_time_ms),
                                     .revision = facts.revision.value,
                                     .slot = facts.slot};
  if (event.size() > merkle::kLeafContentBytesMax) {
    out += merkle::EncodeLeaf(header, event);
    return;
  }
  out += AsText(merkle::EncodeLeafHeader(header));
  out += AsText(event);
}

}  // namespace conntrail
