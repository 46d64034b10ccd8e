#include "projections/evidence/leaf_bytes.h"

#include <span>

#include "events/base/sha256.h"
#include "events/log/event_log.h"

namespace conntrail {
namespace {

constexpr uint64_t kLeafVersion = 1;
constexpr uint32_t kNoSlot = ~uint32_t{0};

}  // namespace

void AppendLeafHead(std::string& out, const LeafFacts& facts) {
  AppendBigEndian(out, kLeafVersion, 1);
  AppendBigEndian(out, static_cast<uint64_t>(facts.verdict), 1);
  AppendBigEndian(out, static_cast<uint64_t>(facts.reason), 2);
  AppendBigEndian(out, facts.rules.value, 4);
  AppendBigEndian(out, static_cast<uint64_t>(facts.effective_time_ms), 8);
  AppendBigEndian(out, facts.revision.value, 8);
  AppendBigEndian(out, facts.slot.value_or(kNoSlot), 4);
}

void AppendLeafContent(std::string& out, ByteSpan event) {
  if (event.size() <= kRecordBytesMax) {
    out.append(AsText(event));
    return;
  }
  AppendBigEndian(out, event.size(), 8);
  const auto hash = Sha256(event);
  out.append(AsText(std::as_bytes(std::span(hash))));
}

}  // namespace conntrail
