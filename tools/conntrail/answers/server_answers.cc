#include "tools/conntrail/answers/server_answers.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/conntrail/answers/state_reading.h"

namespace conntrail {
namespace {

using client::PercentEncoded;

constexpr size_t kPageMax = 1000;  // the server gives no more at once

// A target with its query.
class Target {
 public:
  explicit Target(std::string path) : text_(std::move(path)) {}

  Target& Add(std::string_view name, std::string_view value) {
    text_ += is_first_ ? '?' : '&';
    is_first_ = false;
    text_ += PercentEncoded(name) + "=" + PercentEncoded(value);
    return *this;
  }
  Target& AddIf(std::string_view name, std::string_view value) {
    return value.empty() ? *this : Add(name, value);
  }
  Target& AddFlag(std::string_view name, const std::optional<bool>& value) {
    return value ? Add(name, *value ? "true" : "false") : *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool is_first_ = true;
};

// The names of all bits that are set, with commas between them.
template <typename Name>
std::string NamesOf(uint64_t bits, const Name& name) {
  std::string names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((bits >> bit & 1) == 0) continue;
    names += (names.empty() ? "" : ",") + std::string(name(bit));
  }
  return names;
}

std::string_view MarkName(unsigned bit) {
  switch (1u << bit) {
    case mark::kGap:
      return "gap";
    case mark::kLate:
      return "late";
    default:
      return "producer_gap";
  }
}

std::string_view OrderName(ConnectionOrder order) {
  switch (order) {
    case ConnectionOrder::kId:
      return "id";
    case ConnectionOrder::kCreated:
      return "created_at";
    case ConnectionOrder::kChanged:
      return "last_updated";
    case ConnectionOrder::kName:
      break;
  }
  return "name";
}

// Reads the document's "data": `read` gets each resource's attributes and id.
template <typename Read>
Status ReadResources(const JsonValue& document, const Read& read) {
  JsonReader reader(document);
  if (const JsonValue* data = reader.Require(document, "data")) {
    for (const JsonValue& item : reader.Items(*data)) {
      const JsonValue* attributes = reader.Require(item, "attributes");
      const JsonValue* id = reader.Require(item, "id");
      if (attributes != nullptr && id != nullptr) read(reader, *attributes, *id);
    }
  }
  return reader.status();
}

const JsonValue* At(JsonReader& reader, const JsonValue& in,
                    std::initializer_list<std::string_view> path) {
  const JsonValue* at = &in;
  for (const std::string_view name : path) {
    if (at != nullptr) at = reader.Find(*at, name);
  }
  return at;
}

std::string TextAt(const JsonValue& document, std::initializer_list<std::string_view> path) {
  JsonReader reader(document);
  const JsonValue* value = At(reader, document, path);
  return value == nullptr ? std::string() : reader.Text(*value);
}

// What its errors say, of either dialect: "errors" holds texts, or objects with a "detail".
std::string DetailOf(const client::Answer& answer) {
  const Result<JsonValue> document = ParseJson(answer.body);
  if (!document.ok()) return {};
  JsonReader reader(*document);
  const JsonValue* errors = reader.Find(*document, "errors");
  if (errors == nullptr || errors->items.empty()) return {};
  const JsonValue& first = errors->items.front();
  if (first.kind == JsonKind::kText) return first.text;
  const JsonValue* detail = reader.Find(first, "detail");
  return detail != nullptr && detail->kind == JsonKind::kText ? detail->text : std::string();
}

}  // namespace

std::string MomentText(const Moment& moment) {
  switch (moment.kind) {
    case Moment::Kind::kTime:
      return "time:" + FormatTime(moment.time_ms);
    case Moment::Kind::kIndex:
      return fmt::format("index:{}", moment.index.value);
    case Moment::Kind::kSequence:
      return fmt::format("seq:{}{}{}", moment.producer, moment.producer.empty() ? "" : ":",
                         moment.sequence);
    case Moment::Kind::kNow:
      break;
  }
  return "now";
}

Status StatusOf(const client::ServerUrl& url, const client::Answer& answer) {
  const std::string detail = DetailOf(answer);
  const std::string at = url.ToString();
  const std::string said = detail.empty() ? std::string() : ": " + detail;
  switch (answer.status) {
    case 400:
      if (!detail.empty()) return Status::InvalidArgument(detail);
      break;
    case 401:
      return Status::FailedPrecondition(
          fmt::format("{} does not know these keys{}; api_key_file and application_key_file of the "
                      "profile, or CONNTRAIL_API_KEY and CONNTRAIL_APPLICATION_KEY, say which",
                      at, said));
    case 403:
      return Status::FailedPrecondition(fmt::format(
          "{} refuses{}; to ask takes an application key with audit_logs_read, to change one with "
          "connections_write, registered for the actions API",
          at, said));
    case 409:
    case 412:
      return Status::FailedPrecondition(
          fmt::format("{} did not change it{}; look at what it is now, then try again", at, said));
    case 413:
      return Status::InvalidArgument(fmt::format("{} does not take that much at once", at));
    case 404:
      if (!detail.empty() && !detail.starts_with("no such")) return Status::NotFound(detail);
      return Status::NotFound(fmt::format(
          "{} has no such resource; is this the URL of a conntrail server of this version?", at));
    case 429:
      return Status::Unavailable(
          fmt::format("{} has been asked too often with this key; try again later", at));
    case 502:
    case 503:
    case 504:
      return Status::Unavailable(
          fmt::format("{} does not serve now (status {}){}; try again later, and look at its "
                      "diagnostics",
                      at, answer.status, said));
    default:
      break;
  }
  if (answer.status / 100 == 3) {
    return Status::InvalidArgument(fmt::format(
        "{} redirects to elsewhere, and keys are not sent there; give the URL it means", at));
  }
  return Status::Corruption(
      fmt::format("{} answered with status {}{}; is this the URL of a "
                  "conntrail server?",
                  at, answer.status, said));
}

Result<JsonValue> ServerAnswers::Get(const std::string& target) {
  CONNTRAIL_ASSIGN_OR_RETURN(const client::Answer answer, client_.Send({.target = target}));
  if (answer.status != 200) return StatusOf(client_.url(), answer);
  Result<JsonValue> document = ParseJson(answer.body);
  if (document.ok()) return document;
  return Status::Corruption(fmt::format("{} answered with no JSON; is this a conntrail server?",
                                        client_.url().ToString()));
}

Result<OrgSummary> ServerAnswers::Org() {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get("/api/v2/counts"));
  JsonReader reader(document);
  OrgSummary org;
  const JsonValue* attributes = At(reader, document, {"data", "attributes"});
  const JsonValue* id = At(reader, document, {"data", "id"});
  if (attributes == nullptr || id == nullptr) return Status::Corruption("no counts were answered");
  org.id = {ReadUuid(reader, *id)};
  if (const JsonValue* name = reader.Require(*attributes, "name")) org.name = reader.Text(*name);
  if (const JsonValue* records = reader.Require(*attributes, "records")) {
    org.records = reader.Uint(*records);
  }
  if (const JsonValue* time = reader.Require(*attributes, "last_time")) {
    org.last_time_ms = ReadTime(reader, *time);
  }
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return org;
}

Result<ConnectionPage> ServerAnswers::PageOfConnections(const ConnectionQuery& query) {
  const ConnectionFilter& filter = query.filter;
  Target target("/api/v2/states/connections");
  target.AddIf("filter[name]", filter.name_contains)
      .AddIf("filter[integration]", filter.integration_type)
      .AddIf("filter[tag]", filter.tag)
      .AddFlag("filter[suspended]", filter.suspended)
      .AddFlag("filter[has_credential]", filter.has_credential)
      .AddIf("filter[principal]", filter.granted ? filter.granted->ToString() : "")
      .AddIf("filter[deleted]", filter.with_deleted ? "true" : "")
      .Add("sort", OrderName(query.order))
      .Add("as_of", MomentText(query.at))
      .Add("page[limit]", std::to_string(std::clamp<size_t>(query.limit, 1, kPageMax)))
      .AddIf("page[cursor]", query.cursor);
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get(target.text()));
  ConnectionPage page;
  CONNTRAIL_RETURN_IF_ERROR(ReadResources(
      document, [&](JsonReader& reader, const JsonValue& attributes, const JsonValue&) {
        page.connections.push_back(ReadConnection(reader, attributes));
      }));
  JsonReader reader(document);
  if (const JsonValue* total = At(reader, document, {"meta", "page", "total"})) {
    page.total = reader.Uint(*total);
  }
  if (const JsonValue* at = At(reader, document, {"meta", "at"})) page.at = ReadPlace(reader, *at);
  page.next_cursor = TextAt(document, {"meta", "page", "after"});
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return page;
}

Result<ConnectionPage> ServerAnswers::Connections(const ConnectionQuery& query) {
  CONNTRAIL_ASSIGN_OR_RETURN(ConnectionPage all, PageOfConnections(query));
  ConnectionQuery rest = query;
  while (all.connections.size() < query.limit && !all.next_cursor.empty()) {
    rest.limit = query.limit - all.connections.size();
    rest.cursor = all.next_cursor;
    CONNTRAIL_ASSIGN_OR_RETURN(ConnectionPage page, PageOfConnections(rest));
    if (page.connections.empty()) break;
    std::move(page.connections.begin(), page.connections.end(),
              std::back_inserter(all.connections));
    all.next_cursor = std::move(page.next_cursor);
  }
  return all;
}

Status ServerAnswers::ForEachConnection(const Moment& at,
                                        const std::function<bool(const Connection&)>& each) {
  ConnectionQuery query;
  query.order = ConnectionOrder::kId;
  query.at = at;
  query.limit = kPageMax;
  do {
    CONNTRAIL_ASSIGN_OR_RETURN(ConnectionPage page, PageOfConnections(query));
    for (const Connection& connection : page.connections) {
      if (!each(connection)) return Status::Ok();
    }
    query.cursor = std::move(page.next_cursor);
  } while (!query.cursor.empty());
  return Status::Ok();
}

Result<ConnectionAnswer> ServerAnswers::ConnectionAt(const ConnectionId& id, const Moment& at) {
  Target target("/api/v2/states/connections/" + id.ToString());
  target.Add("as_of", MomentText(at));
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get(target.text()));
  JsonReader reader(document);
  ConnectionAnswer answer;
  const JsonValue* connection = At(reader, document, {"data", "attributes", "connection"});
  const JsonValue* uses = At(reader, document, {"data", "attributes", "uses"});
  const JsonValue* place = At(reader, document, {"meta", "at"});
  if (connection == nullptr || uses == nullptr || place == nullptr) {
    return Status::Corruption("no state of a connection was answered");
  }
  answer.connection = ReadConnection(reader, *connection);
  for (const JsonValue& use : reader.Items(*uses)) answer.uses.push_back(ReadUse(reader, use));
  answer.at = ReadPlace(reader, *place);
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return answer;
}

Result<HistoryPage> ServerAnswers::PageOfHistory(const HistoryQuery& query) {
  Target target("/api/v2/actions/connections/" + query.id.ToString() + "/history");
  target.Add("sort", query.newest_first ? "-timestamp" : "timestamp")
      .AddIf("changes_only", query.changes_only ? "true" : "")
      .Add("page[limit]", std::to_string(std::clamp<size_t>(query.limit, 1, kPageMax)))
      .AddIf("page[cursor]", query.cursor);
  Result<JsonValue> document = Get(target.text());
  // There is no record of it: the verb says so in words of its own.
  if (document.status().code() == StatusCode::kNotFound) return HistoryPage();
  if (!document.ok()) return document.status();
  HistoryPage page;
  CONNTRAIL_RETURN_IF_ERROR(ReadResources(
      *document, [&](JsonReader& reader, const JsonValue& attributes, const JsonValue&) {
        page.entries.push_back(ReadHistoryEntry(reader, attributes, query.id));
      }));
  page.next_cursor = TextAt(*document, {"meta", "page", "after"});
  return page;
}

Result<HistoryPage> ServerAnswers::History(const HistoryQuery& query) {
  CONNTRAIL_ASSIGN_OR_RETURN(HistoryPage all, PageOfHistory(query));
  HistoryQuery rest = query;
  while (all.entries.size() < query.limit && !all.next_cursor.empty()) {
    rest.limit = query.limit - all.entries.size();
    rest.cursor = all.next_cursor;
    CONNTRAIL_ASSIGN_OR_RETURN(HistoryPage page, PageOfHistory(rest));
    if (page.entries.empty()) break;
    std::move(page.entries.begin(), page.entries.end(), std::back_inserter(all.entries));
    all.next_cursor = std::move(page.next_cursor);
  }
  return all;
}

Result<TrailAnswer> ServerAnswers::Trail(const TrailQuery& query, const TrailParts& parts) {
  const TrailFilter& filter = query.filter;
  const size_t limit = std::clamp<size_t>(query.limit, 1, kPageMax);
  Target target("/api/v2/audit/records");
  if (filter.subject) {
    target.Add("filter[subject]", std::string(EntityKindName(filter.subject->kind)) + ":" +
                                      filter.subject->id.ToString());
  }
  // Whatever kind of account it is, its id alone counts.
  if (filter.actor) target.Add("filter[actor]", "user:" + filter.actor->ToString());
  target
      .AddIf("filter[type]",
             NamesOf(filter.types,
                     [](unsigned bit) { return EventTypeName(static_cast<EventType>(bit)); }))
      .AddIf("filter[outcome]",
             NamesOf(filter.verdicts,
                     [](unsigned bit) { return VerdictName(static_cast<Verdict>(bit)); }))
      .AddIf("filter[mark]", NamesOf(filter.marks, MarkName))
      .AddIf("filter[first_time]", filter.from_ms ? FormatTime(*filter.from_ms) : "")
      .AddIf("filter[last_time]", filter.to_ms ? FormatTime(*filter.to_ms) : "")
      .AddIf("events", parts.events ? "true" : "")
      .Add("sort", query.newest_first ? "-timestamp" : "timestamp")
      .Add("page[limit]", std::to_string(limit))
      .AddIf("page[cursor]", query.cursor);
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get(target.text()));
  TrailAnswer answer;
  CONNTRAIL_RETURN_IF_ERROR(ReadResources(
      document, [&](JsonReader& reader, const JsonValue& attributes, const JsonValue&) {
        answer.items.push_back(ReadTrailItem(reader, attributes));
      }));
  JsonReader reader(document);
  const JsonValue* complete = At(reader, document, {"meta", "page", "complete"});
  const bool is_cut = limit < query.limit && answer.items.size() == limit;
  answer.complete = complete != nullptr && reader.Bool(*complete) && !is_cut;
  answer.next_cursor = TextAt(document, {"meta", "page", "after"});
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return answer;
}

Result<std::vector<AccountAccess>> ServerAnswers::Who(const ConnectionId& id, Relation relation,
                                                      const Moment& at) {
  Target target("/api/v2/access/connections/" + id.ToString());
  target.Add("relation", RelationName(relation)).Add("as_of", MomentText(at));
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get(target.text()));
  std::vector<AccountAccess> accounts;
  CONNTRAIL_RETURN_IF_ERROR(ReadResources(
      document, [&](JsonReader& reader, const JsonValue& attributes, const JsonValue& account) {
        accounts.push_back(ReadAccountAccess(reader, attributes, account));
      }));
  return accounts;
}

Result<std::vector<ConnectionAccess>> ServerAnswers::What(const Principal& principal,
                                                          Relation relation, const Moment& at) {
  Target target("/api/v2/access/principals/" + PercentEncoded(principal.ToString()));
  target.Add("relation", RelationName(relation)).Add("as_of", MomentText(at));
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get(target.text()));
  std::vector<ConnectionAccess> connections;
  CONNTRAIL_RETURN_IF_ERROR(ReadResources(
      document, [&](JsonReader& reader, const JsonValue& attributes, const JsonValue& id) {
        connections.push_back(ReadConnectionAccess(reader, attributes, id));
      }));
  return connections;
}

Result<OrgCounts> ServerAnswers::Counts(const Moment& at) {
  Target target("/api/v2/counts");
  target.Add("as_of", MomentText(at));
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get(target.text()));
  JsonReader reader(document);
  const JsonValue* attributes = At(reader, document, {"data", "attributes"});
  if (attributes == nullptr) return Status::Corruption("no counts were answered");
  const OrgCounts counts = ReadCounts(reader, *attributes);
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return counts;
}

Result<std::vector<Producer>> ServerAnswers::Producers() {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue document, Get("/api/v2/producers"));
  std::vector<Producer> producers;
  CONNTRAIL_RETURN_IF_ERROR(ReadResources(
      document, [&](JsonReader& reader, const JsonValue& attributes, const JsonValue& id) {
        producers.push_back(ReadProducer(reader, attributes, id));
      }));
  return producers;
}

}  // namespace conntrail
