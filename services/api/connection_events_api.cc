// Events as such: intake from producers, how far each has come, and what became of one event.

#include "events/base/time.h"
#include "projections/views/trail_view.h"
#include "services/api/decision.h"
#include "services/api/endpoints.h"
#include "services/api/event_intake.h"
#include "services/api/json_answer.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

void WriteLine(JsonWriter& out, const TrailLine& line) {
  out.Name("effective_at");
  out.Text(FormatTime(line.place.time_ms));
  out.Name("index");
  out.Uint(line.place.index.value);
  out.Name("outcome");
  out.Text(VerdictName(line.verdict));
  out.Name("reason");
  out.Text(ReasonName(line.reason));
  out.Name("revision");
  out.Uint(line.revision.value);
  if (line.marks != 0) {
    out.Name("marks");
    out.BeginArray();
    if ((line.marks & mark::kGap) != 0) out.Text("gap");
    if ((line.marks & mark::kLate) != 0) out.Text("late");
    if ((line.marks & mark::kProducerGap) != 0) out.Text("producer_gap");
    out.EndArray();
  }
  out.Name("type");
  out.Text(EventTypeName(line.type));
}

void WriteOutcome(JsonWriter& out, const IntakeItem& item, const Submission* submission) {
  out.BeginObject();
  out.Name("id");
  out.Text(item.event.id.ToString());
  out.Name("type");
  out.Text("connection_events");
  out.Name("attributes");
  out.BeginObject();
  if (submission == nullptr) {
    out.Name("detail");
    out.Text(item.fault);
    out.Name("outcome");
    out.Text("refused");  // at the door; it is not on the log
  } else if (submission->fate == Submission::Fate::kDecided) {
    WriteLine(out, submission->record.line);
    if (submission->record.first) {
      out.Name("first_index");
      out.Uint(submission->record.first->value);
    }
  } else {
    out.Name("detail");
    out.Text(submission->detail);
    out.Name("outcome");
    out.Text(submission->fate == Submission::Fate::kUnknown ? "unknown" : "not_recorded");
  }
  out.EndObject();
  out.EndObject();
}

asio::awaitable<http::Response> Take(Call& call) {
  Parsed<std::vector<IntakeItem>> items =
      ReadIntake(call.request.Find("content-type"), call.request.body);
  if (!items.ok()) co_return ErrorResponse(call.errors, items.fault());
  std::vector<EncodedEvent> events;
  for (IntakeItem& item : *items) {
    Admit(item, call.caller);
    if (item.fault.empty()) events.push_back(std::move(item.encoded));
  }
  const std::vector<Submission> submissions = co_await call.gateway().SubmitAll(std::move(events));

  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  size_t next = 0;
  size_t not_recorded = 0;
  for (const IntakeItem& item : *items) {
    const Submission* submission = item.fault.empty() ? &submissions[next++] : nullptr;
    not_recorded +=
        submission != nullptr && submission->fate == Submission::Fate::kTurnedAway ? 1 : 0;
    WriteOutcome(out, item, submission);
  }
  out.EndArray();
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
  if (not_recorded > 0 && not_recorded == submissions.size()) {
    response.status = 503;
    response.headers.push_back({"Retry-After", "1"});
  }
  co_return response;
}

// An event id tells by its first bits when it was made (RFC 9562, version 7); its record is not far
// from there.
constexpr UnixMs kEarlierMs = 60'000;
constexpr UnixMs kLaterMs = 600'000;
constexpr size_t kScanRowsMax = 200'000;

asio::awaitable<http::Response> Find(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "event_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const auto made_ms = static_cast<UnixMs>(id->hi >> 16);
  TrailQuery query;
  query.filter.from_ms = made_ms - kEarlierMs;
  query.filter.to_ms = made_ms + kLaterMs;
  query.newest_first = false;
  query.limit = 1000;
  query.scan_rows_max = kScanRowsMax;
  for (size_t scanned = 0; scanned < kScanRowsMax; scanned += query.limit) {
    const Result<TrailPage> page = SearchTrail(**view, query);
    if (!page.ok()) co_return Failed(call, page.status());
    for (const TrailLine& line : page->lines) {
      if (line.event.uuid != *id) continue;
      JsonWriter out;
      out.BeginObject();
      out.Name("data");
      out.BeginObject();
      out.Name("id");
      out.Text(id->ToString());
      out.Name("type");
      out.Text("connection_events");
      out.Name("attributes");
      out.BeginObject();
      WriteLine(out, line);
      out.EndObject();
      out.EndObject();
      out.EndObject();
      http::Response response = JsonAnswer(call, 200, out.Take());
      SayIndex(response, **view);
      co_return response;
    }
    if (page->next_cursor.empty() || page->lines.empty()) break;
    query.cursor = page->next_cursor;
  }
  co_return ErrorResponse(call.errors,
                          {.status = 404,
                           .title = "Not Found",
                           .detail = "no record of that event up to index " +
                                     std::to_string((*view)->state().next_index.value)});
}

asio::awaitable<http::Response> Producers(Call& call) {
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<std::vector<Producer>> producers = (*view)->Producers();
  if (!producers.ok()) co_return Failed(call, producers.status());
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (const Producer& producer : *producers) {
    out.BeginObject();
    out.Name("id");
    out.Text(producer.name);
    out.Name("type");
    out.Text("producers");
    out.Name("attributes");
    out.BeginObject();
    out.Name("last_event_at");
    out.Text(FormatTime(producer.last.time_ms));
    out.Name("last_index");
    out.Uint(producer.last.index.value);
    out.Name("missing");
    out.BeginArray();
    for (const auto& [low, high] : producer.gaps) {
      out.BeginObject();
      out.Name("from");
      out.Uint(low);
      out.Name("to");
      out.Uint(high);
      out.EndObject();
    }
    out.EndArray();
    // Up to here, inclusive, everything has arrived but for what is missing.
    out.Name("watermark");
    out.Uint(producer.high);
    out.EndObject();
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
  SayIndex(response, **view);
  co_return response;
}

}  // namespace

std::span<const Endpoint> ConnectionEventEndpoints() {
  using enum http::Method;
  static const Endpoint kEndpoints[] = {
      {kPost, "/api/v2/connection_events", ErrorForm::kTexts, right::kEventIntake, Take,
       "CreateConnectionEvents", "Take events from a producer; an outcome for each"},
      {kGet, "/api/v2/connection_events/{event_id}", ErrorForm::kTexts, 0, Find,
       "GetConnectionEvent", "What became of an event"},
      {kGet, "/api/v2/producers", ErrorForm::kTexts, right::kEventIntake, Producers,
       "ListProducers", "How far each producer has come, and what is missing"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
