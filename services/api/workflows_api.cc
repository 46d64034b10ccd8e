// Workflows: who runs as whom, and which step uses which connection.

#include "services/api/endpoints.h"
#include "services/api/entity_answers.h"
#include "services/api/workflow_document.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

Result<std::optional<Workflow>> FindWorkflow(const OrgView& view, const Uuid& id,
                                             const Place& at = keys::kPlaceMax) {
  return FindLive<Workflow>(view, EntityKind::kWorkflow, id, at);
}

Fault NotFound() { return {.status = 404, .title = "Not Found", .detail = "workflow not found"}; }

http::Response WorkflowAnswer(const Call& call, const OrgView& view, const Workflow& workflow) {
  http::Response response =
      DataAnswer(call, 200, [&](JsonWriter& out) { WriteWorkflow(out, workflow); });
  response.headers.push_back({"ETag", EtagOf(workflow.life.revision)});
  SayIndex(response, view);
  return response;
}

// The workflow of the path as of `as_of`, or the answer without one.
struct Known {
  std::shared_ptr<const OrgView> view;
  Uuid id;
  std::optional<Workflow> workflow;
  std::optional<http::Response> refusal;
};

Known Find(Call& call) {
  Known known;
  const Parsed<Uuid> id = UuidOfPath(call, "workflow_id");
  const Parsed<Moment> moment = AsOf(call);
  if (!id.ok() || !moment.ok()) {
    known.refusal = ErrorResponse(call.errors, id.ok() ? moment.fault() : id.fault());
    return known;
  }
  known.id = *id;
  const auto view = call.service.View(call.caller.address);
  const Result<Place> at = view.ok() ? (*view)->Resolve(*moment) : Result<Place>(view.status());
  auto workflow =
      at.ok() ? FindWorkflow(**view, *id, *at) : Result<std::optional<Workflow>>(at.status());
  if (!workflow.ok()) {
    known.refusal = Failed(call, workflow.status());
    return known;
  }
  known.view = *view;
  known.workflow = std::move(*workflow);
  return known;
}

asio::awaitable<http::Response> Get(Call& call) {
  Known known = Find(call);
  if (known.refusal) co_return std::move(*known.refusal);
  if (!known.workflow) co_return ErrorResponse(call.errors, NotFound());
  co_return WorkflowAnswer(call, *known.view, *known.workflow);
}

asio::awaitable<http::Response> List(Call& call) {
  co_return EntityListAnswer(call, EntityKind::kWorkflow,
                             [](JsonWriter& out, const Entity& entity) {
                               if (LifecycleOf(entity)->deleted) return;
                               WriteWorkflow(out, std::get<Workflow>(entity));
                             });
}

// After a decision: the workflow as it is now, or 204 if it has gone.
http::Response Current(const Call& call, const Uuid& id) {
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) return Failed(call, view.status());
  const auto workflow = FindWorkflow(**view, id);
  if (!workflow.ok()) return Failed(call, workflow.status());
  return *workflow ? WorkflowAnswer(call, **view, **workflow) : NoContent();
}

asio::awaitable<http::Response> Save(Call& call) {
  Known known = Find(call);
  if (known.refusal) co_return std::move(*known.refusal);
  if (!call.caller.principal) co_return ErrorResponse(call.errors, ActorNeeded());
  Parsed<WorkflowSaved> read =
      ReadWorkflow(call.request.body, {known.id}, known.workflow ? &*known.workflow : nullptr,
                   *call.caller.principal);
  if (!read.ok()) co_return ErrorResponse(call.errors, read.fault());
  Action action = std::move(*read);
  Decided decided = co_await Decide(call, std::move(action));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return Current(call, known.id);
}

asio::awaitable<http::Response> Attach(Call& call) {
  Known known = Find(call);
  if (known.refusal) co_return std::move(*known.refusal);
  if (!known.workflow) co_return ErrorResponse(call.errors, NotFound());
  Parsed<WorkflowSaved> action =
      ReadStepConnection(call.request.body, *known.workflow, call.path["step"]);
  if (!action.ok()) co_return ErrorResponse(call.errors, action.fault());
  Parsed<Event> event = NewIntent(call, *action);
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  // The other steps are as they were when this was read: nothing saved meanwhile is undone.
  if (!event->expected_revision) event->expected_revision = known.workflow->life.revision;
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  co_return Current(call, known.id);
}

asio::awaitable<http::Response> Delete(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "workflow_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = WorkflowDeleted{{*id}};  // named: g++ 12 destroys such temporaries twice
  co_return co_await AnswerWithoutBody(call, std::move(action));
}

}  // namespace

std::span<const Endpoint> WorkflowEndpoints() {
  using enum http::Method;
  constexpr ErrorForm kForm = ErrorForm::kObjects;
  static constexpr std::string_view kAll = "/api/v2/workflows";
  static constexpr std::string_view kOne = "/api/v2/workflows/{workflow_id}";
  static constexpr std::string_view kStep =
      "/api/v2/workflows/{workflow_id}/steps/{step}/connection";
  static const Endpoint kEndpoints[] = {
      {kGet, kAll, kForm, right::kConnectionsRead, List, "ListWorkflows", "List workflows"},
      {kGet, kOne, kForm, right::kConnectionsRead, Get, "GetWorkflow", "Get a workflow"},
      {kPut, kOne, kForm, 0, Save, "SaveWorkflow",
       "Save a workflow: who runs as whom, and which step uses which connection"},
      {kPost, kStep, kForm, 0, Attach, "SetStepConnection",
       "Attach a connection to a step, or take it away"},
      {kDelete, kOne, kForm, 0, Delete, "DeleteWorkflow", "Delete a workflow"},
  };
  return kEndpoints;
}

}  // namespace conntrail::api
