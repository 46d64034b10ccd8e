// Connected integrations: accounts at Jira, PagerDuty, Slack and GitHub whose credentials reach all
// actions by themselves.

#include "services/api/decision.h"
#include "services/api/endpoints.h"
#include "services/api/integration_document.h"
#include "services/api/json_answer.h"
#include "services/api/random_ids.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

asio::awaitable<http::Response> List(Call& call) {
  const Parsed<Moment> moment = AsOf(call);
  if (!moment.ok()) co_return ErrorResponse(call.errors, moment.fault());
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const Result<Place> at = (*view)->Resolve(*moment);
  if (!at.ok()) co_return Failed(call, at.status());
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  out.BeginArray();
  const Status read =
      (*view)->ForEachEntity(EntityKind::kIntegration, *at, [&](const Entity& entity) {
        if (!LifecycleOf(entity)->deleted) {
          WriteConnectedIntegration(out, std::get<Integration>(entity));
        }
        return true;
      });
  if (!read.ok()) co_return Failed(call, read);
  out.EndArray();
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
  SayIndex(response, **view);
  co_return response;
}

asio::awaitable<http::Response> Connect(Call& call) {
  if (!call.caller.principal) {
    co_return ErrorResponse(
        call.errors,
        {.status = 403, .title = "Forbidden", .detail = SentenceOf(Reason::kActorRequired)});
  }
  Parsed<IntegrationConnected> action = ReadNewConnectedIntegration(
      call.request.body, NewRandomUuid(), *call.caller.principal, call.service.fingerprinter());
  if (!action.ok()) co_return ErrorResponse(call.errors, action.fault());
  Parsed<Event> event = NewIntent(call, std::move(*action));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const auto entity =
      (*view)->EntityAt(EntityKind::kIntegration, decided.line.subject.id, keys::kPlaceMax);
  if (!entity.ok()) co_return Failed(call, entity.status());
  if (!*entity) co_return Failed(call, Status::NotFound("integration not found"));
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  WriteConnectedIntegration(out, std::get<Integration>(**entity));
  out.EndObject();
  co_return JsonAnswer(call, 201, out.Take());
}

asio::awaitable<http::Response> Disconnect(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "integration_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Parsed<Event> event = NewIntent(call, IntegrationDisconnected{*id});
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return NoContent();
}

}  // namespace

std::span<const Endpoint> IntegrationEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kObjects;
  static const Endpoint kEndpoints[] = {
      {kGet, "/api/v2/integrations", kForm, right::kConnectionsRead, List, "ListIntegrations",
       "List connected integrations: they reach all actions by themselves"},
      {kPost, "/api/v2/integrations", kForm, 0, Connect, "ConnectIntegration",
       "Connect an integration: Jira, PagerDuty, Slack or GitHub"},
      {kDelete, "/api/v2/integrations/{integration_id}", kForm, 0, Disconnect,
       "DisconnectIntegration", "Disconnect an integration"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
