// Connections: the contract's four operations, and our list.

#include "projections/views/connection_view.h"
#include "services/api/connection_cache.h"
#include "services/api/connection_document.h"
#include "services/api/connection_query.h"
#include "services/api/decision.h"
#include "services/api/endpoints.h"
#include "services/api/json_answer.h"
#include "services/api/random_ids.h"
#include "services/api/visible.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

Fault NotAUuid() {
  return {.detail = "error connectionId not a valid UUID", .parameter = "connection_id"};
}

Fault NotFound(std::string_view doing) {
  return {.status = 404,
          .detail = "error " + std::string(doing) + " connection: connection not found"};
}

Fault NotVisible() {
  return {.status = 403,
          .title = "Forbidden",
          .detail = "the restriction policy does not let you view this"};
}

std::optional<ConnectionId> IdOfPath(const Call& call) {
  const auto id = Uuid::Parse(call.path["connection_id"]);
  return id ? std::optional(ConnectionId{*id}) : std::nullopt;
}

std::optional<UnixMs> LastUse(const OrgView& view, const ConnectionId& id) {
  const Result<std::vector<Use>> uses = view.UsesOf(id);
  std::optional<UnixMs> last;
  if (!uses.ok()) return last;
  for (const Use& use : *uses) last = std::max(last.value_or(0), use.last_at_ms);
  return last;
}

std::string BodyOf(const Connection& connection, bool can_resolve,
                   std::optional<UnixMs> last_used_at_ms) {
  ConnectionAddition addition;
  addition.acting_user_can_resolve = can_resolve;
  addition.last_used_at_ms = last_used_at_ms;
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  WriteConnection(out, connection, addition);
  out.EndObject();
  return out.Take();
}

http::Response WithPlace(const Call& call, int status, const OrgView& view,
                         const Connection& connection, std::string body) {
  http::Response response = JsonAnswer(call, status, std::move(body));
  response.headers.push_back({"ETag", EtagOf(connection.life.revision)});
  SayIndex(response, view);
  return response;
}

// The connection as it is now, deleted or not.
Result<ConnectionCache::Entry*> Now(const Call& call, const OrgView& view, const ConnectionId& id) {
  ConnectionCache& cache = call.service.connections();
  if (ConnectionCache::Entry* known = cache.Find(call.caller.org, id)) return known;
  const uint64_t version = cache.version();
  ConnectionCache::Entry entry;
  CONNTRAIL_ASSIGN_OR_RETURN(entry.connection, FindConnection(view, id, Moment::Now()));
  entry.last_used_at_ms = LastUse(view, id);
  return &cache.Put(call.caller.org, std::move(entry), version);
}

// Its answer to somebody with that relation.
http::Response AnswerNow(const Call& call, int status, const OrgView& view,
                         ConnectionCache::Entry& entry, Relation relation) {
  const bool can_resolve = relation >= Relation::kResolver;
  std::string& body = entry.bodies[can_resolve ? 1 : 0];
  if (body.empty()) body = BodyOf(entry.connection, can_resolve, entry.last_used_at_ms);
  return WithPlace(call, status, view, entry.connection, body);
}

// After a decision: the connection as it is now.
http::Response Current(Call& call, int status, const ConnectionId& id) {
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) return Failed(call, view.status());
  const Result<ConnectionCache::Entry*> entry = Now(call, **view, id);
  if (!entry.ok()) return Failed(call, entry.status());
  const Result<Relation> relation =
      Visible(call, **view, keys::kPlaceMax).RelationOn((*entry)->connection);
  return AnswerNow(call, status, **view, **entry, relation.ok() ? *relation : Relation::kNone);
}

asio::awaitable<http::Response> Create(Call& call) {
  const NewIds ids{{NewRandomUuid()}, NewExternalId()};
  Parsed<ConnectionCreated> action =
      ReadNewConnection(call.request.body, ids, call.service.fingerprinter());
  if (!action.ok()) co_return ErrorResponse(call.errors, action.fault());
  Parsed<Event> event = NewIntent(call, std::move(*action));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return Current(call, 201, {decided.line.subject.id});
}

http::Response GetNow(Call& call, const OrgView& view, const ConnectionId& id) {
  const Result<ConnectionCache::Entry*> entry = Now(call, view, id);
  const bool is_gone = entry.status().code() == StatusCode::kNotFound ||
                       (entry.ok() && (*entry)->connection.life.deleted);
  if (is_gone) return ErrorResponse(call.errors, NotFound("getting"));
  if (!entry.ok()) return Failed(call, entry.status());
  const Result<Relation> relation =
      Visible(call, view, keys::kPlaceMax).RelationOn((*entry)->connection);
  if (!relation.ok()) return Failed(call, relation.status());
  if (*relation == Relation::kNone) return ErrorResponse(call.errors, NotVisible());
  return AnswerNow(call, 200, view, **entry, *relation);
}

// Who may look now may look at the past, too; who may not, may not.
http::Response GetThen(Call& call, const OrgView& view, const ConnectionId& id,
                       const Moment& moment) {
  const Result<Connection> connection = FindConnection(view, id, moment);
  const Result<Connection> now = FindConnection(view, id, Moment::Now());
  const bool is_gone = connection.status().code() == StatusCode::kNotFound ||
                       (connection.ok() && connection->life.deleted);
  if (is_gone) return ErrorResponse(call.errors, NotFound("getting"));
  if (!connection.ok()) return Failed(call, connection.status());
  if (!now.ok()) return Failed(call, now.status());
  const Result<Relation> relation = Visible(call, view, keys::kPlaceMax).RelationOn(*now);
  if (!relation.ok()) return Failed(call, relation.status());
  if (*relation == Relation::kNone) return ErrorResponse(call.errors, NotVisible());
  const bool can_resolve = *relation >= Relation::kResolver;
  return WithPlace(call, 200, view, *connection,
                   BodyOf(*connection, can_resolve, LastUse(view, id)));
}

asio::awaitable<http::Response> Get(Call& call) {
  const auto id = IdOfPath(call);
  if (!id) co_return ErrorResponse(call.errors, NotAUuid());
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) co_return ErrorResponse(call.errors, moment.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  if (moment->kind == Moment::Kind::kNow) co_return GetNow(call, **view, *id);
  const Result<Place> at = (*view)->Resolve(*moment);
  if (!at.ok()) co_return Failed(call, at.status());
  co_return GetThen(call, **view, *id, *moment);
}

asio::awaitable<http::Response> Update(Call& call) {
  const auto id = IdOfPath(call);
  if (!id) co_return ErrorResponse(call.errors, NotAUuid());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  Result<Connection> current = FindConnection(**view, *id, Moment::Now());
  if (!current.ok() && current.status().code() != StatusCode::kNotFound) {
    co_return Failed(call, current.status());
  }
  ConnectionEdited action{.connection = *id};
  if (current.ok()) {
    const NewIds ids{*id, NewExternalId()};
    Parsed<ConnectionEdited> read =
        ReadConnectionPatch(call.request.body, *current, ids, call.service.fingerprinter());
    if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
    action = std::move(*read);
  }
  Parsed<Event> event = NewIntent(call, std::move(action));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) {
    if (decided.line.reason == Reason::kConnectionNotFound) {
      co_return ErrorResponse(call.errors, NotFound("creating"));  // the API's own words
    }
    co_return std::move(decided.refusal);
  }
  co_return Current(call, 200, *id);
}

asio::awaitable<http::Response> Change(Call& call, Action action, std::string_view doing) {
  Parsed<Event> event = NewIntent(call, std::move(action));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) {
    if (decided.line.reason == Reason::kConnectionNotFound) {
      co_return ErrorResponse(call.errors, NotFound(doing));
    }
    co_return std::move(decided.refusal);
  }
  co_return NoContent();
}

asio::awaitable<http::Response> Delete(Call& call) {
  const auto id = IdOfPath(call);
  if (!id) co_return ErrorResponse(call.errors, NotAUuid());
  Action action =
      ConnectionDeleted{.connection = *id};  // named: g++ 12 destroys such temporaries twice
  co_return co_await Change(call, std::move(action), "deleting");
}

asio::awaitable<http::Response> Suspend(Call& call) {
  const auto id = IdOfPath(call);
  if (!id) co_return ErrorResponse(call.errors, NotAUuid());
  Action action = ConnectionSuspended{*id};  // named: g++ 12 destroys such temporaries twice
  co_return co_await Change(call, std::move(action), "suspending");
}

asio::awaitable<http::Response> Resume(Call& call) {
  const auto id = IdOfPath(call);
  if (!id) co_return ErrorResponse(call.errors, NotAUuid());
  Action action = ConnectionResumed{*id};  // named: g++ 12 destroys such temporaries twice
  co_return co_await Change(call, std::move(action), "resuming");
}

asio::awaitable<http::Response> List(Call& call) {
  const Parsed<ConnectionQuery> query = ReadConnectionQuery(call);
  if (!query.ok()) co_return ErrorResponse(call.errors, query.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<ConnectionPage> page = ListConnections(**view, *query);
  if (!page.ok()) co_return Failed(call, page.status());
  const Visible visible(call, **view, keys::kPlaceMax);
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (const Connection& connection : page->connections) {
    const Result<Relation> relation = visible.RelationOn(connection);
    if (!relation.ok()) co_return Failed(call, relation.status());
    if (*relation == Relation::kNone) continue;
    ConnectionAddition addition;
    addition.acting_user_can_resolve = *relation >= Relation::kResolver;
    addition.last_used_at_ms = LastUse(**view, connection.id);
    WriteConnection(out, connection, addition);
  }
  out.EndArray();
  out.Name("meta");
  out.BeginObject();
  out.Name("page");
  out.BeginObject();
  if (!page->next_cursor.empty()) {
    out.Name("after");
    out.Text(page->next_cursor);
  }
  out.Name("total");
  out.Uint(page->total);
  out.EndObject();
  out.EndObject();
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
  SayIndex(response, **view);
  co_return response;
}

}  // namespace

std::span<const Endpoint> ConnectionEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kObjects;
  static constexpr std::string_view kAll = "/api/v2/actions/connections";
  static constexpr std::string_view kOne = "/api/v2/actions/connections/{connection_id}";
  static constexpr std::string_view kSuspended =
      "/api/v2/actions/connections/{connection_id}/suspension";
  constexpr uint64_t kRegistered = right::kActionsApi;
  static const Endpoint kEndpoints[] = {
      {kPost, kAll, kForm, kRegistered, Create, "CreateActionConnection", "Create a connection"},
      {kGet, kAll, kForm, kRegistered | right::kConnectionsRead, List, "ListActionConnections",
       "List connections, now or as of any moment"},
      {kGet, kOne, kForm, kRegistered | right::kConnectionsRead, Get, "GetActionConnection",
       "Get a connection, now or as of any moment"},
      {kPatch, kOne, kForm, kRegistered, Update, "UpdateActionConnection", "Edit a connection"},
      {kDelete, kOne, kForm, kRegistered, Delete, "DeleteActionConnection", "Delete a connection"},
      {kPut, kSuspended, kForm, kRegistered, Suspend, "SuspendActionConnection",
       "Suspend a connection: nobody may use it until it is resumed"},
      {kDelete, kSuspended, kForm, kRegistered, Resume, "ResumeActionConnection",
       "Resume a suspended connection"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
