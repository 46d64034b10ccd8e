#include "tools/conntrail/verbs/trail_rows.h"

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/event_json.h"
#include "projections/entity_json.h"

namespace conntrail {
namespace {

std::string_view FaultName(DecodeFault fault) {
  switch (fault) {
    case DecodeFault::kNone:
      return "";
    case DecodeFault::kNotAnEvent:
      return "not_an_event";
    case DecodeFault::kUnknownType:
      return "unknown_type";
    case DecodeFault::kInvalid:
      return "invalid";
  }
  return "unknown";
}

}  // namespace

std::string EventMembers(std::string_view name, ByteSpan event) {
  const DecodedEvent decoded = DecodeEvent(event);
  if (decoded.fault == DecodeFault::kNone) {
    return JsonText(name) + ":" + EventToJson(decoded.event);
  }
  return fmt::format("\"fault\":\"{}\",\"place\":{},\"hex\":\"{}\"", FaultName(decoded.fault),
                     JsonText(decoded.place), ToHex(event));
}

Shade ShadeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kApplied:
      return Shade::kGood;
    case Verdict::kDuplicate:
      return Shade::kFaint;
    case Verdict::kDenied:
      return Shade::kBad;
    default:
      return Shade::kWarning;
  }
}

std::string SubjectText(const EntityKey& subject) {
  if (subject.kind == EntityKind::kNone) return "";
  return std::string(EntityKindName(subject.kind)) + ":" + subject.id.ToString();
}

std::string MarksText(uint16_t marks) {
  std::string text;
  const auto add = [&](uint16_t bit, const char* name) {
    if ((marks & bit) != 0) text += (text.empty() ? "" : " ") + std::string(name);
  };
  add(mark::kGap, "gap");
  add(mark::kLate, "late");
  add(mark::kProducerGap, "producer_gap");
  return text;
}

std::string WhoText(const std::optional<Principal>& who) { return who ? who->ToString() : ""; }

TrailRows::TrailRows(Session& session, bool full)
    : full_(full),
      rows_(session.MakeRows("records", {{"index", true},
                                         {"time"},
                                         {"outcome"},
                                         {"type"},
                                         {"name", false, true},
                                         {"reason"},
                                         {"marks"},
                                         {"actor", false, true},
                                         {"subject", false, true}})) {}

TrailParts TrailRows::parts() const {
  const bool has_cells = rows_.format() == Format::kTable || rows_.format() == Format::kCsv;
  return {.names = has_cells, .events = full_};
}

bool TrailRows::Add(const TrailItem& item) {
  const TrailLine& line = item.line;
  const std::string event_members = full_ ? EventMembers("full", item.event) : std::string();
  const auto cells = [&] {
    return std::vector<Cell>{std::to_string(line.place.index.value),
                             FormatTime(line.place.time_ms),
                             {std::string(VerdictName(line.verdict)), ShadeOf(line.verdict)},
                             std::string(EventTypeName(line.type)),
                             item.name,
                             std::string(ReasonName(line.reason)),
                             {MarksText(line.marks), Shade::kWarning},
                             WhoText(line.actor),
                             SubjectText(line.subject)};
  };
  const auto json = [&](JsonWriter& out) {
    JsonWriter record;
    WriteTrailLine(record, line);
    std::string text = record.Take();
    if (full_) text.insert(text.size() - 1, "," + event_members);
    out.Raw(text);
  };
  const auto details = [&] {
    std::vector<Cell> lines;
    if (full_) lines.push_back({"{" + event_members + "}", Shade::kFaint});
    return lines;
  };
  return rows_.Add({cells, json, details});
}

}  // namespace conntrail
