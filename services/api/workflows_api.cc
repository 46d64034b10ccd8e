// Workflows: who runs as whom, and which step uses which connection.

#include "services/api/decision.h"
#include "services/api/endpoints.h"
#include "services/api/json_answer.h"
#include "services/api/workflow_document.h"

namespace conntrail::api {
namespace {

namespace asio = boost::asio;

Result<std::optional<Workflow>> FindWorkflow(const OrgView& view, const Uuid& id, const Place& at) {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Entity> entity,
                             view.EntityAt(EntityKind::kWorkflow, id, at));
  if (!entity || LifecycleOf(*entity)->deleted) return std::optional<Workflow>();
  return std::optional(std::get<Workflow>(std::move(*entity)));
}

Fault NotFound() { return {.status = 404, .title = "Not Found", .detail = "workflow not found"}; }

http::Response WorkflowAnswer(const Call& call, const OrgView& view, const Workflow& workflow) {
  JsonWriter out;
  out.BeginObject();
  out.Name("data");
  WriteWorkflow(out, workflow);
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
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
  const Status read = (*view)->ForEachEntity(EntityKind::kWorkflow, *at, [&](const Entity& entity) {
    if (!LifecycleOf(entity)->deleted) WriteWorkflow(out, std::get<Workflow>(entity));
    return true;
  });
  if (!read.ok()) co_return Failed(call, read);
  out.EndArray();
  out.EndObject();
  http::Response response = JsonAnswer(call, 200, out.Take());
  SayIndex(response, **view);
  co_return response;
}

asio::awaitable<http::Response> Submit(Call& call, const Uuid& id, Action action) {
  Parsed<Event> event = NewIntent(call, std::move(action));
  if (!event.ok()) co_return ErrorResponse(call.errors, event.fault());
  Decided decided = co_await Decide(call, std::move(*event));
  if (!decided.applied) co_return std::move(decided.refusal);
  const auto view = call.service.View(call.caller.address);
  if (!view.ok()) co_return Failed(call, view.status());
  const auto workflow = FindWorkflow(**view, id, keys::kPlaceMax);
  if (!workflow.ok()) co_return Failed(call, workflow.status());
  if (!*workflow) co_return NoContent();
  co_return WorkflowAnswer(call, **view, **workflow);
}

Fault ActorNeeded() {
  return {.status = 403, .title = "Forbidden", .detail = SentenceOf(Reason::kActorRequired)};
}

asio::awaitable<http::Response> Save(Call& call) {
  Known known = Find(call);
  if (known.refusal) co_return std::move(*known.refusal);
  if (!call.caller.principal) co_return ErrorResponse(call.errors, ActorNeeded());
  Parsed<WorkflowSaved> action =
      ReadWorkflow(call.request.body, {known.id}, known.workflow ? &*known.workflow : nullptr,
                   *call.caller.principal);
  if (!action.ok()) co_return ErrorResponse(call.errors, action.fault());
  co_return co_await Submit(call, known.id, std::move(*action));
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
  Known now = Find(call);
  if (now.refusal) co_return std::move(*now.refusal);
  if (!now.workflow) co_return ErrorResponse(call.errors, NotFound());
  co_return WorkflowAnswer(call, *now.view, *now.workflow);
}

asio::awaitable<http::Response> Delete(Call& call) {
  const Parsed<Uuid> id = UuidOfPath(call, "workflow_id");
  if (!id.ok()) co_return ErrorResponse(call.errors, id.fault());
  Action action = WorkflowDeleted{{*id}};  // named: g++ 12 destroys such temporaries twice
  co_return co_await Submit(call, *id, std::move(action));
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
