// The audit trail (contract, section 3), its export and its stream. That somebody has read it is
// recorded before they get it.

#include "events/base/number.h"
#include "services/api/audit/audit_export.h"
#include "services/api/audit/audit_search.h"
#include "services/api/audit/query_language.h"
#include "services/api/audit_reading.h"
#include "services/api/endpoints.h"
#include "services/api/json_answer.h"
#include "services/api/trail_feed.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr size_t kStreamChunkBytes = size_t{64} << 10;
constexpr std::chrono::milliseconds kKeepAlive{15'000};

asio::awaitable<http::Response> Answer(Call& call, const AuditSearch& search) {
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const auto begin = std::chrono::steady_clock::now();
  AuditSearchOptions options;
  options.elapsed_ms = [begin] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin)
        .count();
  };
  options.request_id = call.request.id;
  const std::string_view host = call.request.Find("host");
  options.base_url = host.empty() ? "" : "http://" + std::string(host);
  const Result<AuditPage> page = SearchAudit(**view, search, options);
  if (!page.ok()) co_return Failed(call, page.status());
  if (auto refusal = co_await RecordReading(call, AuditQueryDigest(search), page->rows)) {
    co_return std::move(*refusal);
  }
  http::Response response = JsonAnswer(call, 200, page->body);
  SayIndex(response, **view);
  co_return response;
}

asio::awaitable<http::Response> List(Call& call) {
  const Parsed<AuditSearch> search = ReadAuditParameters(call.request.query, call.service.Now());
  if (!search.ok()) co_return ErrorResponse(call.errors, search.fault());
  co_return co_await Answer(call, *search);
}

asio::awaitable<http::Response> Search(Call& call) {
  const Parsed<AuditSearch> search = ReadAuditBody(call.request.body, call.service.Now());
  if (!search.ok()) co_return ErrorResponse(call.errors, search.fault());
  co_return co_await Answer(call, *search);
}

class ExportSource final : public http::BodySource {
 public:
  explicit ExportSource(std::unique_ptr<AuditExport> source) : source_(std::move(source)) {}
  asio::awaitable<Result<bool>> Next(std::string& chunk) override {
    while (true) {
      const Result<bool> more = source_->Next(chunk);
      if (!more.ok() || !*more || !chunk.empty()) co_return more;
    }
  }

 private:
  const std::unique_ptr<AuditExport> source_;
};

asio::awaitable<http::Response> Export(Call& call) {
  // Without a window: all of the trail.
  std::vector<std::pair<std::string, std::string>> parameters = call.request.query;
  if (call.request.Parameter("filter[from]") == nullptr) {
    parameters.emplace_back("filter[from]", "0");
  }
  Parsed<AuditSearch> search = ReadAuditParameters(parameters, call.service.Now());
  if (!search.ok()) co_return ErrorResponse(call.errors, search.fault());
  const std::string* format = call.request.Parameter("format");
  const auto form = ParseExportForm(format == nullptr ? "ndjson" : *format);
  if (!form) {
    co_return ErrorResponse(
        call.errors, {.detail = "must be ndjson, csv, ocsf or archive", .parameter = "format"});
  }
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  // How many rows it will have is not known before it has been read: all there are, at most.
  if (auto refusal = co_await RecordReading(call, AuditQueryDigest(*search),
                                            (*view)->state().next_index.value)) {
    co_return std::move(*refusal);
  }
  http::Response response;
  response.content_type = ContentTypeOf(*form);
  response.headers.push_back({"Content-Disposition", "attachment; filename=\"audit-trail" +
                                                         std::string(FileEndingOf(*form)) + "\""});
  SayIndex(response, **view);
  response.source = std::make_unique<ExportSource>(
      std::make_unique<AuditExport>(**view, std::move(search->root), search->window, *form));
  co_return response;
}

// Follows the trail of one org.
class StreamSource final : public http::BodySource {
 public:
  StreamSource(Service& service, const keys::OrgAddress& org, std::optional<Place> after)
      : service_(service), org_(org), after_(after) {}

  asio::awaitable<Result<bool>> Next(std::string& chunk) override {
    chunk.clear();
    if (!has_begun_) {
      has_begun_ = true;
      chunk = ": the trail from here on\nretry: 1000\n\n";
      co_return true;
    }
    TrailFeed& feed = service_.feed();
    while (!feed.closed()) {
      const auto view = service_.View(org_);
      if (!view.ok()) co_return view.status();
      const Result<bool> read = feed.Read(**view, after_, kStreamChunkBytes, chunk);
      if (!read.ok() || *read) co_return read;
      if (!co_await feed.Wait(kKeepAlive)) {
        chunk = ": nothing new\n\n";
        co_return true;
      }
    }
    co_return false;
  }

 private:
  Service& service_;
  const keys::OrgAddress org_;
  std::optional<Place> after_;
  bool has_begun_ = false;
};

// Where a follower goes on: behind the index of Last-Event-ID (or last_event_id=), or of `from`.
Parsed<std::optional<Place>> ResumeAfter(const Call& call, const OrgView& view) {
  std::string_view text = call.request.Find("last-event-id");
  if (const std::string* parameter = call.request.Parameter("last_event_id")) text = *parameter;
  const uint64_t end = view.state().next_index.value;
  uint64_t index = 0;
  if (text.empty()) {
    if (end == 0) return std::optional<Place>();
    index = end - 1;  // only what comes
  } else if (text == "-1") {
    return std::optional<Place>();  // from the beginning
  } else {
    const auto number = ParseNumber<uint64_t>(text);
    if (!number || *number >= end) {
      return Fault{.detail = "must be the index of a record, or -1 for the beginning",
                   .header = "Last-Event-ID"};
    }
    index = *number;
  }
  const Result<Place> place = view.PlaceOf(OrgIndex(index));
  if (!place.ok()) return Fault{.detail = place.status().message(), .header = "Last-Event-ID"};
  return std::optional(*place);
}

asio::awaitable<http::Response> Stream(Call& call) {
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Parsed<std::optional<Place>> after = ResumeAfter(call, **view);
  if (!after.ok()) co_return ErrorResponse(call.errors, after.fault());
  if (auto refusal = co_await RecordReading(call, Digest{}, 0)) co_return std::move(*refusal);
  http::Response response;
  response.content_type = "text/event-stream";
  response.headers.push_back({"Cache-Control", "no-store"});
  response.source = std::make_unique<StreamSource>(call.service, call.caller.address, *after);
  co_return response;
}

}  // namespace

std::span<const Endpoint> AuditEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kTexts;
  constexpr uint64_t kRead = right::kAuditLogsRead;
  static const Endpoint kEndpoints[] = {
      {kGet, "/api/v2/audit/events", kForm, kRead, List, "ListAuditLogs",
       "List events of the audit trail"},
      {kPost, "/api/v2/audit/events/search", kForm, kRead, Search, "SearchAuditLogs",
       "Search the audit trail"},
      {kGet, "/api/v2/audit/events/export", kForm, kRead, Export, "ExportAuditLogs",
       "Export the audit trail: NDJSON, CSV, OCSF or the archive form"},
      {kGet, "/api/v2/audit/events/stream", kForm, kRead, Stream, "StreamAuditLogs",
       "Follow the audit trail live (Server-Sent Events), from any record on"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
