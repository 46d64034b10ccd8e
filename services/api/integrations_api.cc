// Connected integrations: accounts at Jira, PagerDuty, Slack and GitHub whose credentials reach all
// actions by themselves.

#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"
#include "services/api/integration_document.h"
#include "services/api/random_ids.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

asio::awaitable<http::Response> List(Call& call) {
  co_return EntityListAnswer(call, EntityKind::kIntegration,
                             [](JsonWriter& out, const Entity& entity) {
                               if (!LifecycleOf(entity)->deleted) {
                                 WriteConnectedIntegration(out, std::get<Integration>(entity));
                               }
                             });
}

asio::awaitable<http::Response> Connect(Call& call) {
  if (!call.caller.principal) co_return ErrorResponse(call.errors, ActorNeeded());
  Parsed<IntegrationConnected> read = ReadNewConnectedIntegration(
      call.request.body, NewRandomUuid(), *call.caller.principal, call.service.fingerprinter());
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const auto integration =
      FindLive<Integration>(**view, EntityKind::kIntegration, decided.line.subject.id);
  if (!integration.ok()) co_return Failed(call, integration.status());
  if (!*integration) co_return Failed(call, Status::NotFound("integration not found"));
  co_return DataAnswer(call, 201,
                       [&](JsonWriter& out) { WriteConnectedIntegration(out, **integration); });
}

asio::awaitable<http::Response> Disconnect(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "integration_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = IntegrationDisconnected{*id};
  co_return co_await AnswerWithoutBody(call, std::move(action));
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
