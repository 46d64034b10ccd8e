// State and trail in the canonical form, with all that is known: what `conntrail` prints, here and
// from a data directory alike.

#include "events/base/base64url.h"
#include "events/base/sha256.h"
#include "projections/entity_json.h"
#include "projections/entity_name.h"
#include "projections/views/connection_view.h"
#include "projections/views/trail_view.h"
#include "services/api/audit_reading.h"
#include "services/api/connection_query.h"
#include "services/api/endpoints.h"
#include "services/api/json_answer.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

constexpr size_t kPageDefault = 50;
constexpr size_t kPageMax = 1000;
constexpr size_t kScanRowsMax = 100'000;  // at a time: others wait meanwhile

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WritePlace(JsonWriter& out, std::string_view name, const Place& place) {
  out.Name(name);
  out.BeginObject();
  out.Name("index");
  out.Uint(place.index.value);
  WriteText(out, "time", FormatTime(place.time_ms));
  out.EndObject();
}

http::Response Told(const Call& call, const OrgView& view, JsonWriter& out) {
  http::Response response = JsonAnswer(call, 200, out.Take());
  SayIndex(response, view);
  return response;
}

std::string DocumentOf(const ConnectionPage& page) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (const Connection& connection : page.connections) {
    out.BeginObject();
    out.Name("attributes");
    WriteEntity(out, Entity(connection));
    WriteText(out, "id", connection.id.ToString());
    WriteText(out, "type", "connection_state");
    out.EndObject();
  }
  out.EndArray();
  out.Name("meta");
  out.BeginObject();
  WritePlace(out, "at", page.at);
  out.Name("page");
  out.BeginObject();
  if (!page.next_cursor.empty()) WriteText(out, "after", page.next_cursor);
  out.Name("total");
  out.Uint(page.total);
  out.EndObject();
  out.EndObject();
  out.EndObject();
  return out.Take();
}

asio::awaitable<http::Response> List(Call& call) {
  const Parsed<ConnectionQuery> query = ReadConnectionQuery(call);
  if (!query.ok()) co_return ErrorResponse(call.errors, query.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<ConnectionPage> page = ListConnections(**view, *query);
  if (!page.ok()) co_return Failed(call, page.status());
  http::Response response = JsonAnswer(call, 200, DocumentOf(*page));
  SayIndex(response, **view);
  co_return response;
}

asio::awaitable<http::Response> Get(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "connection_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) co_return ErrorResponse(call.errors, moment.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<Place> place = (*view)->Resolve(*moment);
  if (!place.ok()) co_return Failed(call, place.status());
  const Result<Connection> connection = FindConnection(**view, {*id}, *moment);
  if (!connection.ok()) co_return Failed(call, connection.status());
  const Result<std::vector<Use>> uses = (*view)->UsesOf({*id});
  if (!uses.ok()) co_return Failed(call, uses.status());
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginObject();
  out.Name("attributes");
  out.BeginObject();
  out.Name("connection");
  WriteEntity(out, Entity(*connection));
  out.Name("uses");
  out.BeginArray();
  for (const Use& use : *uses) WriteEntity(out, Entity(use));
  out.EndArray();
  out.EndObject();
  WriteText(out, "id", id->ToString());
  WriteText(out, "type", "connection_state");
  out.EndObject();
  out.Name("meta");
  out.BeginObject();
  WritePlace(out, "at", *place);
  out.EndObject();
  out.EndObject();
  co_return Told(call, **view, out);
}

// Gives each part between commas to `take`, which returns false for one that it does not know.
bool ForEachPart(std::string_view list, const std::function<bool(std::string_view)>& take) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (!take(list.substr(0, comma))) return false;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return true;
}

std::optional<uint16_t> ParseMark(std::string_view name) {
  if (name == "gap") return mark::kGap;
  if (name == "late") return mark::kLate;
  if (name == "producer_gap") return mark::kProducerGap;
  return std::nullopt;
}

std::optional<EntityKey> ParseKey(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto kind = ParseEntityKind(text.substr(0, colon));
  const auto id = Uuid::Parse(text.substr(colon + 1));
  if (!kind || !id || !IsVersioned(*kind) || *kind == EntityKind::kNone) return std::nullopt;
  return EntityKey{*kind, *id, {}};
}

// One parameter of a filter; false: its value is none.
bool TakeParameter(std::string_view name, const std::string& text, TrailFilter& filter) {
  if (name == "filter[subject]") {
    filter.subject = ParseKey(text);
    return filter.subject.has_value();
  }
  if (name == "filter[actor]") {
    const auto actor = Principal::Parse(text);
    if (actor) filter.actor = actor->id;
    return actor.has_value();
  }
  if (name == "filter[type]") {
    return ForEachPart(text, [&](std::string_view part) {
      const auto type = ParseEventType(part);
      if (type) filter.types |= TrailFilter::Bit(*type);
      return type.has_value();
    });
  }
  if (name == "filter[outcome]") {
    return ForEachPart(text, [&](std::string_view part) {
      const auto verdict = ParseVerdict(part);
      if (verdict) filter.verdicts = uint16_t(filter.verdicts | TrailFilter::Bit(*verdict));
      return verdict.has_value();
    });
  }
  if (name == "filter[mark]") {
    return ForEachPart(text, [&](std::string_view part) {
      const auto bit = ParseMark(part);
      if (bit) filter.marks = uint16_t(filter.marks | *bit);
      return bit.has_value();
    });
  }
  if (name == "filter[first_time]") {
    filter.from_ms = ParseTime(text);
    return filter.from_ms.has_value();
  }
  if (name == "filter[last_time]") {
    filter.to_ms = ParseTime(text);
    return filter.to_ms.has_value();
  }
  return true;
}

Parsed<TrailQuery> ReadTrailQuery(const Call& call) {
  TrailQuery query;
  query.scan_rows_max = kScanRowsMax;
  for (const auto& [name, value] : call.request.query) {
    if (!TakeParameter(name, value, query.filter)) {
      return Fault{.title = "Invalid Parameter",
                   .detail = "is not what this parameter takes; /docs tells what it is",
                   .parameter = name};
    }
  }
  const std::string* sort = call.request.Parameter("sort");
  if (sort != nullptr && *sort != "timestamp" && *sort != "-timestamp") {
    return Fault{.detail = "must be timestamp or -timestamp", .parameter = "sort"};
  }
  query.newest_first = sort == nullptr || *sort == "-timestamp";
  const Parsed<size_t> limit = NumberParameter(call, "page[limit]", kPageDefault, kPageMax);
  if (!limit.ok()) return limit.fault();
  query.limit = *limit;
  if (const std::string* cursor = call.request.Parameter("page[cursor]")) query.cursor = *cursor;
  return query;
}

// What the subject is called now; "" if it has no name.
Result<std::string> NameOfSubject(const OrgView& view, const EntityKey& subject) {
  const bool has_entity = subject.kind != EntityKind::kNone && subject.kind != EntityKind::kOrg &&
                          IsVersioned(subject.kind);
  if (!has_entity) return std::string();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto entity,
                             view.EntityAt(subject.kind, subject.id, keys::kPlaceMax));
  return entity ? NameOfEntity(*entity) : std::string();
}

Result<std::string> DocumentOf(const OrgView& view, const TrailPage& page, bool with_events) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (const TrailLine& line : page.lines) {
    JsonWriter more;
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string name, NameOfSubject(view, line.subject));
    WriteText(more, "name", name);
    if (with_events) {
      CONNTRAIL_ASSIGN_OR_RETURN(const TrailRecord record, view.RecordAt(line.place));
      WriteText(
          more, "event_bytes",
          ToBase64Url({reinterpret_cast<const char*>(record.event.data()), record.event.size()}));
    }
    JsonWriter attributes;
    WriteTrailLine(attributes, line);
    std::string text = attributes.Take();
    text.insert(text.size() - 1, "," + more.Take());
    out.BeginObject();
    out.Name("attributes");
    out.Raw(text);
    WriteText(out, "id", std::to_string(line.place.index.value));
    WriteText(out, "type", "trail_record");
    out.EndObject();
  }
  out.EndArray();
  out.Name("meta");
  out.BeginObject();
  out.Name("page");
  out.BeginObject();
  if (!page.next_cursor.empty()) WriteText(out, "after", page.next_cursor);
  out.Name("complete");
  out.Bool(page.complete);
  out.EndObject();
  out.EndObject();
  out.EndObject();
  return out.Take();
}

asio::awaitable<http::Response> Records(Call& call) {
  const Parsed<TrailQuery> query = ReadTrailQuery(call);
  if (!query.ok()) co_return ErrorResponse(call.errors, query.fault());
  const Parsed<bool> with_events = FlagParameter(call, "events", false);
  if (!with_events.ok()) co_return ErrorResponse(call.errors, with_events.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<TrailPage> page = SearchTrail(**view, *query);
  if (!page.ok()) co_return Failed(call, page.status());
  const Result<std::string> body = DocumentOf(**view, *page, *with_events);
  if (!body.ok()) co_return Failed(call, body.status());
  if (auto refusal =
          co_await RecordReading(call, Sha256(AsBytes(call.request.target)), page->lines.size())) {
    co_return std::move(*refusal);
  }
  http::Response response = JsonAnswer(call, 200, *body);
  SayIndex(response, **view);
  co_return response;
}

}  // namespace

std::span<const Endpoint> StateEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kTexts;
  constexpr uint64_t kRead = right::kAuditLogsRead;
  static const Endpoint kEndpoints[] = {
      {kGet, "/api/v2/states/connections", kForm, kRead, List, "ListConnectionStates",
       "List connections with all that is known of them, now or as of any moment"},
      {kGet, "/api/v2/states/connections/{connection_id}", kForm, kRead, Get, "GetConnectionState",
       "All that is known of a connection, now or as of any moment"},
      {kGet, "/api/v2/audit/records", kForm, kRead, Records, "ListTrailRecords",
       "List records of the trail in the canonical form"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
