#include "services/api/history_document.h"

#include "events/model/enum_names.h"
#include "events/model/field_json.h"
#include "services/api/audit/asset_state.h"
#include "services/api/audit/audit_attributes.h"

namespace conntrail::api {
namespace {

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.Name(name);
  out.Text(value);
}

void WriteAttributes(JsonWriter& out, const HistoryEntry& entry, bool with_states) {
  const TrailLine& line = entry.line;
  out.BeginObject();
  if (line.actor) WriteText(out, "actor", line.actor->ToString());
  out.Name("changes");
  WriteChanges(out, entry.changes);
  WriteText(out, "event", line.event.ToString());
  WriteText(out, "event_type", line.type == EventType::kNone ? "none" : EventTypeName(line.type));
  out.Name("index");
  out.Uint(line.place.index.value);
  if (line.interface != Interface::kUnspecified) {
    WriteText(out, "interface", EnumName(line.interface));
  }
  out.Name("marks");
  MarksTree(line.marks).Write(out);
  if (line.occurred_at_ms) WriteText(out, "occurred_at", FormatTime(*line.occurred_at_ms));
  WriteText(out, "reason", ReasonName(line.reason));
  out.Name("revision");
  out.Uint(line.revision.value);
  if (with_states && entry.after) {
    out.Name("state");
    StateTree(*entry.after).Write(out);
  }
  WriteText(out, "timestamp", FormatTime(line.place.time_ms));
  WriteText(out, "verdict", VerdictName(line.verdict));
  out.EndObject();
}

}  // namespace

std::string HistoryDocument(const HistoryPage& page, bool with_states) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (const HistoryEntry& entry : page.entries) {
    out.BeginObject();
    out.Name("attributes");
    WriteAttributes(out, entry, with_states);
    WriteText(out, "id", AuditIdOf(entry.line));
    WriteText(out, "type", std::string(EntityKindName(entry.line.subject.kind)) + "_change");
    out.EndObject();
  }
  out.EndArray();
  out.Name("meta");
  out.BeginObject();
  if (!page.next_cursor.empty()) {
    out.Name("page");
    out.BeginObject();
    WriteText(out, "after", page.next_cursor);
    out.EndObject();
  }
  out.EndObject();
  out.EndObject();
  return out.Take();
}

}  // namespace conntrail::api
