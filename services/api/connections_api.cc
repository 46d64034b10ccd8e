// Connections: the contract's four operations, and our list.

#include "projections/views/connection_view.h"
#include "services/api/connection_answers.h"
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

asio::awaitable<http::Response> Create(Call& call) {
  const NewIds ids{{NewRandomUuid()}, NewExternalId()};
  Parsed<ConnectionCreated> read =
      ReadNewConnection(call.request.body, ids, call.service.fingerprinter());
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return CurrentConnection(call, 201, {decided.line.subject.id});
}

asio::awaitable<http::Response> Get(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) co_return ErrorResponse(call.errors, moment.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  co_return AnswerConnection(call, **view, *id, *moment);
}

asio::awaitable<http::Response> Update(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action attempt = ConnectionEdited{.connection = *id};
  KnownConnection known = co_await FindOrRefuse(call, *id, std::move(attempt), "creating");
  if (!known.connection) co_return std::move(known.refusal);
  const NewIds ids{*id, NewExternalId()};
  Parsed<ConnectionEdited> read =
      ReadConnectionPatch(call.request.body, *known.connection, ids, call.service.fingerprinter());
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) {
    if (decided.line.reason == Reason::kConnectionNotFound) {
      co_return ErrorResponse(call.errors, ConnectionNotFound("creating"));  // the API's own words
    }
    co_return std::move(decided.refusal);
  }
  co_return CurrentConnection(call, 200, *id);
}

asio::awaitable<http::Response> Delete(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = ConnectionDeleted{.connection = *id};
  co_return co_await ChangeConnection(call, std::move(action), "deleting");
}

asio::awaitable<http::Response> Suspend(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = ConnectionSuspended{*id};
  co_return co_await ChangeConnection(call, std::move(action), "suspending");
}

asio::awaitable<http::Response> Resume(Call& call) {
  const Parsed<ConnectionId> id = ConnectionOfPath(call);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = ConnectionResumed{*id};
  co_return co_await ChangeConnection(call, std::move(action), "resuming");
}

asio::awaitable<http::Response> List(Call& call) {
  Parsed<ConnectionQuery> query = ReadConnectionQuery(call);
  if (!query.ok()) co_return ErrorResponse(call.errors, query.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Visible visible(call, **view);
  // A page to go on from is as of the first one's moment.
  const bool is_now = query->at.kind == Moment::Kind::kNow && query->cursor.empty();
  const auto relation_on = [&](const Connection& connection) {
    return is_now ? visible.RelationOn(connection) : visible.RelationOn(connection.id);
  };
  if (!call.caller.Has(right::kUserAccessManage)) {
    query->filter.may_see = [&](const Connection& connection) -> Result<bool> {
      CONNTRAIL_ASSIGN_OR_RETURN(const Relation relation, relation_on(connection));
      return relation != Relation::kNone;
    };
  }
  const Result<ConnectionPage> page = ListConnections(**view, *query);
  if (!page.ok()) co_return Failed(call, page.status());
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  for (const Connection& connection : page->connections) {
    const Result<Relation> relation = relation_on(connection);
    if (!relation.ok()) co_return Failed(call, relation.status());
    WriteShown(out, **view, connection, *relation);
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
