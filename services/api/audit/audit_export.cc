#include "services/api/audit/audit_export.h"

#include <array>

#include "events/base/csv.h"
#include "services/api/audit/ocsf_event.h"

namespace conntrail::api {
namespace {

constexpr size_t kChunkEvents = 256;
constexpr size_t kChunkBytes = 256 << 10;
constexpr size_t kChunkRows = 4096;  // looked at

// The columns of CSV, and where in the attributes they come from; "" for what stands elsewhere.
constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kColumns{{
    {"timestamp", ""},
    {"id", ""},
    {"index", "conntrail.index"},
    {"event_type", "conntrail.event_type"},
    {"evt_name", "evt.name"},
    {"action", "action"},
    {"asset_type", "asset.type"},
    {"asset_id", "asset.id"},
    {"asset_name", "asset.name"},
    {"verdict", "conntrail.verdict"},
    {"reason", "conntrail.reason"},
    {"status", "status"},
    {"actor", "usr.id"},
    {"actor_type", "evt.actor.type"},
    {"message", ""},
    {"auth_method", "auth_method"},
    {"interface", "conntrail.interface"},
    {"client_ip", "network.client.ip"},
    {"user_agent", "http.useragent"},
    {"request_id", "conntrail.request_id"},
    {"comment", "conntrail.comment"},
    {"ticket", "conntrail.ticket"},
    {"revision", "conntrail.revision"},
    {"marks", "conntrail.marks"},
    {"prev_value", "asset.prev_value"},
    {"new_value", "asset.new_value"},
}};

std::string CellOf(const AuditDocument& document, std::string_view column, std::string_view path) {
  if (column == "timestamp") return FormatTime(document.timestamp_ms);
  if (column == "id") return document.id;
  if (column == "message") return document.message;
  const Tree* value = document.attributes.Find(path);
  if (value == nullptr || value->is_null()) return "";
  if (value->text() != nullptr) return *value->text();
  JsonWriter json;
  value->Write(json);
  return json.Take();
}

}  // namespace

std::string CsvHead() {
  std::vector<std::string> cells;
  for (const auto& [column, path] : kColumns) cells.emplace_back(column);
  return CsvLine(cells);
}

std::string CsvLineOf(const AuditDocument& document) {
  std::vector<std::string> cells;
  for (const auto& [column, path] : kColumns) cells.push_back(CellOf(document, column, path));
  return CsvLine(cells);
}

std::optional<ExportForm> ParseExportForm(std::string_view name) {
  if (name == "ndjson") return ExportForm::kNdjson;
  if (name == "csv") return ExportForm::kCsv;
  if (name == "ocsf") return ExportForm::kOcsf;
  if (name == "archive") return ExportForm::kArchive;
  return std::nullopt;
}

std::string_view ContentTypeOf(ExportForm form) {
  return form == ExportForm::kCsv ? "text/csv; charset=utf-8" : "application/x-ndjson";
}

std::string_view FileEndingOf(ExportForm form) {
  return form == ExportForm::kCsv ? ".csv" : ".ndjson";
}

Status AuditExport::Append(AuditEvent& event, std::string& chunk) {
  CONNTRAIL_RETURN_IF_ERROR(scan_.Add(event, audit_part::kAll));
  JsonWriter out;
  switch (form_) {
    case ExportForm::kNdjson:
      WriteAuditDocument(out, event.document);
      out.EndLine();
      break;
    case ExportForm::kCsv:
      chunk += CsvLineOf(event.document);
      break;
    case ExportForm::kOcsf:
      for (const Tree& tree : OcsfEventsOf(event, org_.state())) {
        tree.Write(out);
        out.EndLine();
      }
      break;
    case ExportForm::kArchive:
      WriteArchiveDocument(out, event.document);
      out.EndLine();
      break;
  }
  chunk += out.text();
  return Status::Ok();
}

Result<bool> AuditExport::Next(std::string& chunk) {
  chunk.clear();
  if (has_ended_) return false;
  if (!has_begun_ && form_ == ExportForm::kCsv) chunk = CsvHead();
  has_begun_ = true;
  size_t taken = 0;
  const auto is_full = [&] { return taken == kChunkEvents || chunk.size() >= kChunkBytes; };
  const auto take = [&](AuditEvent& event) {
    ++taken;
    return Append(event, chunk);
  };
  CONNTRAIL_ASSIGN_OR_RETURN(const WalkEnd end, scan_.Step(kChunkRows, is_full, take));
  events_ += taken;
  has_ended_ = end == WalkEnd::kTrailEnd;
  return !has_ended_ || !chunk.empty();
}

}  // namespace conntrail::api
