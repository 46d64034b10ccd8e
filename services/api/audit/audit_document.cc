#include "services/api/audit/audit_document.h"

namespace conntrail::api {
namespace {

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WriteTags(JsonWriter& out, const AuditDocument& document) {
  out.Name("tags");
  out.BeginArray();
  for (const std::string& tag : document.tags) out.Text(tag);
  out.EndArray();
}

}  // namespace

void WriteAuditDocument(JsonWriter& out, const AuditDocument& document) {
  out.BeginObject();
  out.Name("attributes");
  out.BeginObject();
  out.Name("attributes");
  document.attributes.Write(out);
  WriteText(out, "message", document.message);
  WriteText(out, "service", document.service);
  WriteTags(out, document);
  WriteText(out, "timestamp", FormatTime(document.timestamp_ms));
  out.EndObject();
  WriteText(out, "id", document.id);
  WriteText(out, "type", "audit");
  out.EndObject();
}

void WriteArchiveDocument(JsonWriter& out, const AuditDocument& document) {
  out.BeginObject();
  WriteText(out, "_id", document.id);
  out.Name("attributes");
  document.attributes.Write(out);
  WriteText(out, "date", FormatTime(document.timestamp_ms));
  WriteText(out, "message", document.message);
  WriteText(out, "service", document.service);
  WriteText(out, "source", "audit");
  WriteText(out, "status", document.status);
  WriteTags(out, document);
  out.EndObject();
}

}  // namespace conntrail::api
