#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projections/views/org_view.h"
#include "services/api/audit/audit_scan.h"

namespace conntrail::api {

enum class ExportForm {
  kNdjson,   // audit documents as a list of events has them, one a line
  kCsv,      // RFC 4180 with a line of names; cells are safe to open in a spreadsheet
  kOcsf,     // ocsf_event.h, one event a line
  kArchive,  // as audit archives have them, one a line
};

// "ndjson", "csv", "ocsf", "archive"
std::optional<ExportForm> ParseExportForm(std::string_view name);
std::string_view ContentTypeOf(ExportForm form);
// Of a file that holds such an export: ".csv", ".ndjson"
std::string_view FileEndingOf(ExportForm form);

// The names of the columns of CSV, and an event's cells: a line each, with CR LF.
std::string CsvHead();
std::string CsvLineOf(const AuditDocument& document);

// All audit events that a query takes, in the order of the trail, a few hundred at a time. It holds
// its snapshot of the store for as long as it lives.
//
// Not thread-safe.
class AuditExport {
 public:
  AuditExport(OrgView org, QueryNode query, const AuditWindow& window, ExportForm form)
      : org_(std::move(org)),
        query_(std::move(query)),
        scan_(org_, query_, window, /*newest_first=*/false, std::nullopt),
        form_(form) {}
  AuditExport(const AuditExport&) = delete;
  AuditExport& operator=(const AuditExport&) = delete;

  // Replaces `chunk` by what comes next; false: that was all, and `chunk` is empty. A chunk may be
  // empty before the end, where nothing was found among the records looked at.
  Result<bool> Next(std::string& chunk);

  size_t events() const { return events_; }  // taken so far

 private:
  Status Append(AuditEvent& event, std::string& chunk);

  const OrgView org_;
  const QueryNode query_;
  AuditScan scan_;
  const ExportForm form_;
  bool has_begun_ = false;
  bool has_ended_ = false;
  size_t events_ = 0;
};

}  // namespace conntrail::api
