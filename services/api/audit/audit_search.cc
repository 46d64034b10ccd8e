#include "services/api/audit/audit_search.h"

#include <fmt/format.h>

#include "events/base/sha256.h"
#include "projections/views/cursor.h"

namespace conntrail::api {
namespace {

constexpr size_t kStepRows = 1024;  // between two looks at the clock

// What must stay the same from page to page; texts with their lengths, so that no two read alike.
std::string Canonical(const AuditSearch& search) {
  return fmt::format("audit {} {}|{} {}|{} {}|{}", search.newest_first, search.query.size(),
                     search.query, search.from_text.size(), search.from_text, search.to_text.size(),
                     search.to_text);
}

//   rest of a cursor := u64 from in ms | u64 to in ms      (the window of the first page)
std::string WindowBytes(const AuditWindow& window) {
  std::string bytes;
  AppendBigEndian(bytes, static_cast<uint64_t>(window.from_ms), 8);
  AppendBigEndian(bytes, static_cast<uint64_t>(window.to_ms), 8);
  return bytes;
}

AuditWindow WindowOf(std::string_view bytes) {
  return {static_cast<UnixMs>(ReadBigEndian(bytes.substr(0, 8))),
          static_cast<UnixMs>(ReadBigEndian(bytes.substr(8)))};
}

void AppendParameter(std::string& url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  const auto append = [&](std::string_view text) {
    for (const char c : text) {
      const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
      if (is_plain) {
        url += c;
      } else {
        url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
  };
  append(name);
  url += '=';
  append(value);
}

class Page {
 public:
  Page(const OrgView& org, const AuditSearch& search, const AuditSearchOptions& options)
      : org_(org),
        search_(search),
        options_(options),
        mark_(QueryMark(org.state().id.ToString() + " " + Canonical(search))),
        window_(search.window) {}

  Result<AuditPage> Run() {
    std::optional<Place> after;
    if (!search_.cursor.empty()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Cursor cursor, DecodeCursor(search_.cursor, mark_));
      if (cursor.rest.size() != 16) {
        return Status::InvalidArgument("the cursor is not whole; take it from the page before");
      }
      window_ = WindowOf(cursor.rest);
      after = cursor.place;
    }
    out_.BeginObject();
    out_.Name("data");
    out_.BeginArray();
    CONNTRAIL_RETURN_IF_ERROR(Fill(after));
    out_.EndArray();
    WriteRest();
    out_.EndObject();
    page_.body = out_.Take();
    return std::move(page_);
  }

 private:
  int64_t Elapsed() const { return options_.elapsed_ms ? options_.elapsed_ms() : 0; }

  bool IsFull() const {
    return page_.rows >= std::max<size_t>(search_.limit, 1) ||
           out_.text().size() >= options_.budget.page_bytes_max;
  }

  bool IsSpent(size_t scanned) const {
    const AuditBudget& budget = options_.budget;
    const int64_t elapsed_ms = Elapsed();
    if (page_.rows == 0) {
      return elapsed_ms >= budget.elapsed_ms_empty_max || scanned >= budget.rows_empty_max;
    }
    return scanned >= budget.rows_max || elapsed_ms >= budget.elapsed_ms_max;
  }

  Status Fill(const std::optional<Place>& after) {
    AuditScan scan(org_, search_.root, window_, search_.newest_first, after);
    const auto take = [&](AuditEvent& event) {
      CONNTRAIL_RETURN_IF_ERROR(scan.Add(event, options_.parts));
      WriteAuditDocument(out_, event.document);
      ++page_.rows;
      return Status::Ok();
    };
    for (size_t scanned = 0;; scanned += kStepRows) {
      CONNTRAIL_ASSIGN_OR_RETURN(const WalkEnd end, scan.Step(
                                                        kStepRows, [&] { return IsFull(); }, take));
      if (end == WalkEnd::kTrailEnd) return Status::Ok();
      page_.is_whole = end == WalkEnd::kStopped || !IsSpent(scanned + kStepRows);
      if (end == WalkEnd::kStopped || !page_.is_whole) break;
    }
    const Place last = scan.last().value_or(Place{});
    page_.next_cursor = EncodeCursor({last, WindowBytes(window_)}, mark_);
    return Status::Ok();
  }

  std::string NextUrl() const {
    std::string url = options_.base_url + "/api/v2/audit/events";
    if (!search_.query.empty()) AppendParameter(url, "filter[query]", search_.query);
    AppendParameter(url, "filter[from]", search_.from_text);
    AppendParameter(url, "filter[to]", search_.to_text);
    AppendParameter(url, "sort", search_.newest_first ? "-timestamp" : "timestamp");
    AppendParameter(url, "page[limit]", std::to_string(search_.limit));
    AppendParameter(url, "page[cursor]", page_.next_cursor);
    return url;
  }

  void WriteText(std::string_view name, std::string_view value) {
    out_.Name(name);
    out_.Text(value);
  }

  void WriteWarnings() {
    if (search_.warnings.empty()) return;
    out_.Name("warnings");
    out_.BeginArray();
    for (const AuditWarning& warning : search_.warnings) {
      out_.BeginObject();
      WriteText("code", warning.code);
      WriteText("detail", warning.detail);
      WriteText("title", warning.title);
      out_.EndObject();
    }
    out_.EndArray();
  }

  void WriteRest() {
    if (!page_.next_cursor.empty()) {
      out_.Name("links");
      out_.BeginObject();
      WriteText("next", NextUrl());
      out_.EndObject();
    }
    out_.Name("meta");
    out_.BeginObject();
    out_.Name("elapsed");
    out_.Int(Elapsed());
    if (!page_.next_cursor.empty()) {
      out_.Name("page");
      out_.BeginObject();
      WriteText("after", page_.next_cursor);
      out_.EndObject();
    }
    if (!options_.request_id.empty()) WriteText("request_id", options_.request_id);
    WriteText("status", page_.is_whole ? "done" : "timeout");
    WriteWarnings();
    out_.EndObject();
  }

  const OrgView& org_;
  const AuditSearch& search_;
  const AuditSearchOptions& options_;
  const uint32_t mark_;
  AuditWindow window_;
  JsonWriter out_;
  AuditPage page_;
};

}  // namespace

Result<AuditPage> SearchAudit(const OrgView& org, const AuditSearch& search,
                              const AuditSearchOptions& options) {
  return Page(org, search, options).Run();
}

Digest AuditQueryDigest(const AuditSearch& search) { return Sha256(AsBytes(Canonical(search))); }

}  // namespace conntrail::api
