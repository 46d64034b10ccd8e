#include "services/api/connection_answers.h"

#include <algorithm>
#include <limits>

#include "projections/views/connection_view.h"
#include "services/api/connection_cache.h"
#include "services/api/connection_document.h"
#include "services/api/visible.h"

namespace conntrail::api {
namespace {

// No entity ever has it.
constexpr Revision kNoRevision{std::numeric_limits<uint64_t>::max()};
constexpr int kLooksMax = 2;

std::optional<UnixMs> LastUse(const OrgView& view, const ConnectionId& id) {
  const Result<std::vector<Use>> uses = view.UsesOf(id);
  std::optional<UnixMs> last;
  if (!uses.ok()) return last;
  for (const Use& use : *uses) last = std::max(last.value_or(0), use.last_at_ms);
  return last;
}

void Write(JsonWriter& out, const Connection& connection, bool can_resolve,
           std::optional<UnixMs> last_used_at_ms) {
  ConnectionAddition addition;
  addition.acting_user_can_resolve = can_resolve;
  addition.last_used_at_ms = last_used_at_ms;
  WriteConnection(out, connection, addition);
}

std::string BodyOf(const Connection& connection, bool can_resolve,
                   std::optional<UnixMs> last_used_at_ms) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  Write(out, connection, can_resolve, last_used_at_ms);
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

http::Response GetNow(const Call& call, const OrgView& view, const ConnectionId& id) {
  const Result<ConnectionCache::Entry*> entry = Now(call, view, id);
  const bool is_gone = entry.status().code() == StatusCode::kNotFound ||
                       (entry.ok() && (*entry)->connection.life.deleted);
  if (is_gone) return ErrorResponse(call.errors, ConnectionNotFound("getting"));
  if (!entry.ok()) return Failed(call, entry.status());
  const Result<Relation> relation = Visible(call, view).RelationOn((*entry)->connection);
  if (!relation.ok()) return Failed(call, relation.status());
  if (*relation == Relation::kNone) return ErrorResponse(call.errors, NotVisible());
  return AnswerNow(call, 200, view, **entry, *relation);
}

http::Response GetThen(const Call& call, const OrgView& view, const ConnectionId& id,
                       const Moment& moment) {
  const Result<Place> at = view.Resolve(moment);
  if (!at.ok()) return Failed(call, at.status());
  const Result<Viewed> viewed = ViewConnection(call, view, id, moment);
  if (viewed.status().code() == StatusCode::kNotFound) {
    return ErrorResponse(call.errors, ConnectionNotFound("getting"));
  }
  if (!viewed.ok()) return Failed(call, viewed.status());
  if (viewed->relation == Relation::kNone) return ErrorResponse(call.errors, NotVisible());
  const bool can_resolve = viewed->relation >= Relation::kResolver;
  return WithPlace(call, 200, view, viewed->connection,
                   BodyOf(viewed->connection, can_resolve, LastUse(view, id)));
}

}  // namespace

Parsed<ConnectionId> ConnectionOfPath(const Call& call) {
  const auto id = Uuid::Parse(call.path["connection_id"]);
  if (id) return ConnectionId{*id};
  return Fault{.detail = "error connectionId not a valid UUID", .parameter = "connection_id"};
}

Fault ConnectionNotFound(std::string_view doing) {
  return {.status = 404,
          .detail = "error " + std::string(doing) + " connection: connection not found"};
}

http::Response AnswerConnection(const Call& call, const OrgView& view, const ConnectionId& id,
                                const Moment& moment) {
  return moment.kind == Moment::Kind::kNow ? GetNow(call, view, id)
                                           : GetThen(call, view, id, moment);
}

boost::asio::awaitable<KnownConnection> FindOrRefuse(Call& call, const ConnectionId& id,
                                                     Action attempt, std::string_view doing) {
  KnownConnection known;
  for (int looks = 0;; ++looks) {
    const auto view = call.service.View(call.caller.address);
    Result<Connection> found =
        view.ok() ? FindConnection(**view, id, Moment::Now()) : Result<Connection>(view.status());
    if (found.ok()) {
      known.connection = std::move(*found);
      co_return known;
    }
    if (found.status().code() != StatusCode::kNotFound || looks == kLooksMax) {
      known.refusal = Failed(call, found.status());
      co_return known;
    }
    Parsed<Event> event = NewIntent(call, attempt);
    if (!event.ok()) {
      known.refusal = ErrorResponse(call.errors, event.fault());
      co_return known;
    }
    event->expected_revision = kNoRevision;
    event->idempotency_key.clear();  // the request itself may follow
    event->request_hash.reset();
    const size_t said = call.said.size();
    Decided decided = co_await Decide(call, std::move(*event));
    if (decided.line.reason != Reason::kRevisionDiffers) {
      known.refusal = decided.line.reason == Reason::kConnectionNotFound
                          ? ErrorResponse(call.errors, ConnectionNotFound(doing))
                          : std::move(decided.refusal);
      co_return known;
    }
    call.said.resize(said);  // what it said was about the attempt
  }
}

void WriteShown(JsonWriter& out, const OrgView& view, const Connection& connection,
                Relation relation) {
  Write(out, connection, relation >= Relation::kResolver, LastUse(view, connection.id));
}

http::Response CurrentConnection(Call& call, int status, const ConnectionId& id) {
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) return Failed(call, view.status());
  const Result<ConnectionCache::Entry*> entry = Now(call, **view, id);
  if (!entry.ok()) return Failed(call, entry.status());
  const Result<Relation> relation = Visible(call, **view).RelationOn((*entry)->connection);
  return AnswerNow(call, status, **view, **entry, relation.ok() ? *relation : Relation::kNone);
}

boost::asio::awaitable<http::Response> ChangeConnection(Call& call, Action action,
                                                        std::string_view doing) {
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) {
    if (decided.line.reason == Reason::kConnectionNotFound) {
      co_return ErrorResponse(call.errors, ConnectionNotFound(doing));
    }
    co_return std::move(decided.refusal);
  }
  co_return NoContent();
}

}  // namespace conntrail::api
