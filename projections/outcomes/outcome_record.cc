#include "projections/outcomes/outcome_record.h"

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "projections/evidence/leaf_bytes.h"

namespace conntrail {
namespace {

constexpr uint64_t kWhole = 1;
constexpr uint64_t kHashed = 2;
constexpr uint64_t kLeafVersion = 1;
constexpr uint64_t kNone64 = ~uint64_t{0};
constexpr uint32_t kNone32 = ~uint32_t{0};
constexpr size_t kHashedBytes = 8 + 32;

Status NoOutcome() { return Status::Corruption("these bytes are no outcome record"); }

// Takes numbers from the front.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t Number(size_t width) {
    const uint64_t number = ReadBigEndian(bytes_.substr(0, width));
    bytes_.remove_prefix(width);
    return number;
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace

std::string EncodeOutcome(const FoldedRecord& folded, ByteSpan event) {
  const TrailLine& line = folded.line;
  const bool is_whole = event.size() <= kRecordBytesMax;
  std::string out;
  out.reserve(kOutcomeHeadBytes + (is_whole ? event.size() : kHashedBytes));
  AppendBigEndian(out, is_whole ? kWhole : kHashed, 1);
  AppendBigEndian(out, static_cast<uint64_t>(line.type), 1);
  AppendBigEndian(out, line.marks, 2);
  AppendBigEndian(out, folded.org.uuid.hi, 8);
  AppendBigEndian(out, folded.org.uuid.lo, 8);
  AppendBigEndian(out, line.place.index.value, 8);
  AppendBigEndian(out, folded.first ? folded.first->value : kNone64, 8);
  AppendLeaf(
      out,
      {line.verdict, line.reason, folded.rules, line.place.time_ms, line.revision, folded.slot},
      event);
  return out;
}

Result<OutcomeRecord> DecodeOutcome(std::string_view bytes) {
  if (bytes.size() < kOutcomeHeadBytes) return NoOutcome();
  Reader from(bytes);
  OutcomeRecord record;
  const uint64_t layout = from.Number(1);
  record.is_whole = layout == kWhole;
  const uint64_t type = from.Number(1);
  record.type = static_cast<EventType>(type);
  record.marks = static_cast<uint16_t>(from.Number(2));
  record.org.uuid.hi = from.Number(8);
  record.org.uuid.lo = from.Number(8);
  record.index = OrgIndex(from.Number(8));
  const uint64_t first = from.Number(8);
  if (first != kNone64) record.first = OrgIndex(first);
  const uint64_t leaf = from.Number(1);
  const uint64_t verdict = from.Number(1);
  record.verdict = static_cast<Verdict>(verdict);
  record.reason = static_cast<Reason>(from.Number(2));
  record.rules = RulesVersion(static_cast<uint32_t>(from.Number(4)));
  record.effective_time_ms = static_cast<UnixMs>(from.Number(8));
  record.revision = Revision(from.Number(8));
  const auto slot = static_cast<uint32_t>(from.Number(4));
  if (slot != kNone32) record.slot = slot;
  record.content = from.rest();
  const bool is_sound = (layout == kWhole || layout == kHashed) && leaf == kLeafVersion &&
                        type <= kEventTypeMax && verdict <= kVerdictMax &&
                        (record.is_whole ? record.content.size() <= kRecordBytesMax
                                         : record.content.size() == kHashedBytes);
  if (!is_sound) return NoOutcome();
  return record;
}

OutcomeHeaders HeadersOf(const OutcomeRecord& record, std::string_view source) {
  OutcomeHeaders headers = {
      {"content-type", "application/vnd.conntrail.outcome"},
      {"ce_specversion", "1.0"},
      {"ce_type", "conntrail.outcome.v1"},
      {"ce_source", std::string(source)},
      {"ce_id", fmt::format("{}/{}", record.org.ToString(), record.index.value)},
      {"ce_time", FormatTime(record.effective_time_ms)},
      {"ce_verdict", std::string(VerdictName(record.verdict))}};
  if (record.reason != Reason::kNone) {
    headers.emplace_back("ce_reason", ReasonName(record.reason));
  }
  if (record.type != EventType::kNone) {
    headers.emplace_back("ce_eventtype", EventTypeName(record.type));
  }
  return headers;
}

std::string OutcomeSource(std::string_view topic, PartitionId partition) {
  return fmt::format("/conntrail/{}/{}", topic, partition.value);
}

}  // namespace conntrail
