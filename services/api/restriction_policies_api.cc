// Restriction policies of connections (contract, section 2).

#include "projections/views/connection_view.h"
#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"
#include "services/api/policy_document.h"
#include "services/api/visible.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

http::Response NotFound(const Call& call) {
  return ErrorResponse(call.errors,
                       {.status = 404, .title = "Not Found", .detail = "connection not found"});
}

http::Response PolicyAnswer(const Call& call, const OrgView& view, const Connection& connection) {
  http::Response response =
      DataAnswer(call, 200, [&](JsonWriter& out) { WritePolicy(out, connection); });
  response.headers.push_back({"ETag", EtagOf(connection.life.revision)});
  SayIndex(response, view);
  return response;
}

asio::awaitable<http::Response> Get(Call& call) {
  const Parsed<ConnectionId> id = ReadRestrictedResource(call.path["resource_id"]);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) co_return ErrorResponse(call.errors, moment.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<Viewed> viewed = ViewConnection(call, **view, *id, *moment);
  if (viewed.status().code() == StatusCode::kNotFound) co_return NotFound(call);
  if (!viewed.ok()) co_return Failed(call, viewed.status());
  if (viewed->relation == Relation::kNone) {
    co_return ErrorResponse(call.errors,
                            {.status = 403, .title = "Forbidden", .detail = "Forbidden"});
  }
  co_return PolicyAnswer(call, **view, viewed->connection);
}

asio::awaitable<http::Response> Set(Call& call) {
  const Parsed<ConnectionId> id = ReadRestrictedResource(call.path["resource_id"]);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<bool> lockout = ReadAllowSelfLockout(call.request.Parameter("allow_self_lockout"));
  if (!lockout.ok()) co_return ErrorResponse(call.errors, lockout.fault());
  Parsed<PolicyReplaced> read = ReadPolicy(call.request.body, *id, call.caller.org, *lockout);
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<Connection> connection = FindConnection(**view, *id, Moment::Now());
  if (!connection.ok()) co_return Failed(call, connection.status());
  co_return PolicyAnswer(call, **view, *connection);
}

asio::awaitable<http::Response> Delete(Call& call) {
  const Parsed<ConnectionId> id = ReadRestrictedResource(call.path["resource_id"]);
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  const Parsed<bool> lockout = ReadAllowSelfLockout(call.request.Parameter("allow_self_lockout"));
  if (!lockout.ok()) co_return ErrorResponse(call.errors, lockout.fault());
  PolicyReplaced restored{.connection = *id, .restore_default = true};
  restored.allow_self_lockout = *lockout;
  Action action = std::move(restored);
  co_return co_await AnswerWithoutBody(call, std::move(action));
}

}  // namespace

std::span<const Endpoint> RestrictionPolicyEndpoints() {
  using enum http::Method;
  static constexpr std::string_view kOne = "/api/v2/restriction_policy/{resource_id}";
  static const Endpoint kEndpoints[] = {
      {kGet, kOne, ErrorForm::kTexts, 0, Get, "GetRestrictionPolicy",
       "Get the restriction policy of a connection"},
      {kPost, kOne, ErrorForm::kTexts, 0, Set, "UpdateRestrictionPolicy",
       "Replace the restriction policy of a connection"},
      {kDelete, kOne, ErrorForm::kTexts, 0, Delete, "DeleteRestrictionPolicy",
       "Delete the restriction policy of a connection: the default counts again"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
