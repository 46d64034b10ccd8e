#include "services/api/workflow_document.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/model/enum_names.h"
#include "services/api/json_body.h"
#include "services/api/text_rules.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kResourceType = "workflow";
constexpr size_t kStepsMax = 100;
constexpr size_t kEditorsMax = 200;
constexpr size_t kStepNameMax = 128;    // characters and bytes
constexpr size_t kActionNameMax = 256;  // characters and bytes

Principal ReadAccount(BodyReader& reader, const JsonValue& value) {
  const std::optional<Principal> account = Principal::Parse(reader.Text(value));
  if (account && account->is_account()) return *account;
  reader.Fail(value, "must be user:<uuid> or service_account:<uuid>, in lower case");
  return {};
}

std::optional<ConnectionId> ReadConnectionId(BodyReader& reader, const JsonValue& value) {
  if (value.kind == JsonKind::kNull) return std::nullopt;
  const std::optional<Uuid> id = Uuid::Parse(reader.Text(value));
  if (id && !id->is_nil()) return ConnectionId{*id};
  reader.Fail(value, "must be a UUID in lower case");
  return std::nullopt;
}

void ReadRunAs(BodyReader& reader, const JsonValue& attributes, WorkflowSaved& workflow) {
  workflow.run_as = RunAs::kOwner;
  if (const JsonValue* run_as = reader.Find(attributes, "run_as")) {
    const std::optional<RunAs> parsed = ParseEnum<RunAs>(reader.Text(*run_as));
    if (!parsed) reader.Fail(*run_as, "must be one of: owner, initiator, service_account");
    workflow.run_as = parsed.value_or(RunAs::kOwner);
  }
  const JsonValue* account = reader.Find(attributes, "run_as_account");
  if (account != nullptr && account->kind != JsonKind::kNull) {
    workflow.run_as_account = ReadAccount(reader, *account);
  }
  const bool by_account = workflow.run_as == RunAs::kServiceAccount;
  if (by_account && !workflow.run_as_account) {
    reader.Fail(attributes,
                "member \"run_as_account\" is missing; run_as \"service_account\" needs it");
  } else if (!by_account && workflow.run_as_account) {
    reader.Fail(*account, "is only for run_as \"service_account\"");
  }
}

WorkflowStep ReadStep(BodyReader& reader, const JsonValue& value) {
  WorkflowStep step;
  if (const JsonValue* name = reader.Require(value, "step")) {
    step.step = reader.Line(*name, kStepNameMax, kStepNameMax);
  }
  if (const JsonValue* action = reader.Require(value, "action")) {
    step.action = reader.Line(*action, kActionNameMax, kActionNameMax);
  }
  if (const JsonValue* connection = reader.Find(value, "connection_id")) {
    step.connection = ReadConnectionId(reader, *connection);
  }
  reader.RefuseOthers(value, "step, action, connection_id");
  return step;
}

void ReadSteps(BodyReader& reader, const JsonValue& list, std::vector<WorkflowStep>& steps) {
  for (const JsonValue& item : reader.Items(list)) {
    WorkflowStep step = ReadStep(reader, item);
    if (!reader.ok()) return;
    const bool twice = std::any_of(steps.begin(), steps.end(),
                                   [&](const WorkflowStep& s) { return s.step == step.step; });
    if (twice) return reader.Fail(item, "has the name of a step before it");
    steps.push_back(std::move(step));
    if (steps.size() > kStepsMax) {
      return reader.Fail(list, fmt::format("must not have more than {} steps", kStepsMax));
    }
  }
}

void ReadEditors(BodyReader& reader, const JsonValue& list, std::vector<Principal>& editors) {
  for (const JsonValue& item : reader.Items(list)) editors.push_back(ReadAccount(reader, item));
  if (editors.size() > kEditorsMax) {
    reader.Fail(list, fmt::format("must not have more than {} editors", kEditorsMax));
  }
  std::sort(editors.begin(), editors.end());
  editors.erase(std::unique(editors.begin(), editors.end()), editors.end());
}

void WriteAccount(JsonWriter& out, std::string_view name, const std::optional<Principal>& account) {
  out.Name(name);
  if (account) {
    out.Text(account->ToString());
  } else {
    out.Null();
  }
}

void WriteText(JsonWriter& out, std::string_view name, std::string_view text) {
  out.Name(name);
  out.Text(text);
}

void WriteSteps(JsonWriter& out, const std::vector<WorkflowStep>& steps) {
  out.BeginArray();
  for (const WorkflowStep& step : steps) {
    out.BeginObject();
    WriteText(out, "step", step.step);
    WriteText(out, "action", step.action);
    out.Name("connection_id");
    if (step.connection) {
      out.Text(step.connection->ToString());
    } else {
      out.Null();
    }
    out.EndObject();
  }
  out.EndArray();
}

}  // namespace

Parsed<WorkflowSaved> ReadWorkflow(std::string_view body, const WorkflowId& id,
                                   const Workflow* known, const Principal& caller) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  BodyReader reader(*root);
  const JsonValue* attributes =
      ReadEnvelope(reader, *root, kResourceType, IdRule::kOptional, id.ToString());
  if (attributes == nullptr) return reader.fault();
  WorkflowSaved workflow{.workflow = id};
  if (const JsonValue* name = reader.Require(*attributes, "name")) {
    workflow.name = ReadDisplayName(reader, *name);
  }
  if (const JsonValue* owner = reader.Find(*attributes, "owner")) {
    workflow.owner = ReadAccount(reader, *owner);
  } else {
    workflow.owner = known != nullptr && !known->life.deleted ? known->owner : caller;
  }
  ReadRunAs(reader, *attributes, workflow);
  if (const JsonValue* editors = reader.Find(*attributes, "editors")) {
    ReadEditors(reader, *editors, workflow.editors);
  }
  if (const JsonValue* steps = reader.Find(*attributes, "steps")) {
    ReadSteps(reader, *steps, workflow.steps);
  }
  reader.RefuseOthers(*attributes, "name, owner, run_as, run_as_account, editors, steps");
  if (!reader.ok()) return reader.fault();
  return workflow;
}

Parsed<WorkflowSaved> ReadStepConnection(std::string_view body, const Workflow& known,
                                         std::string_view step) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  BodyReader reader(*root);
  std::optional<ConnectionId> connection;
  if (const JsonValue* attributes = ReadEnvelope(reader, *root, "step_connection")) {
    if (const JsonValue* id = reader.Require(*attributes, "connection_id")) {
      connection = ReadConnectionId(reader, *id);
    }
    reader.RefuseOthers(*attributes, "connection_id");
  }
  if (!reader.ok()) return reader.fault();
  WorkflowSaved workflow{.workflow = known.id,
                         .name = known.name,
                         .owner = known.owner,
                         .run_as = known.run_as,
                         .run_as_account = known.run_as_account,
                         .editors = known.editors,
                         .steps = known.steps};
  const auto found = std::find_if(workflow.steps.begin(), workflow.steps.end(),
                                  [&](const WorkflowStep& s) { return s.step == step; });
  if (found == workflow.steps.end()) {
    return Fault{.status = 404, .detail = "the workflow has no such step"};
  }
  found->connection = connection;
  return workflow;
}

void WriteWorkflow(JsonWriter& out, const Workflow& workflow) {
  out.BeginObject();
  WriteText(out, "type", kResourceType);
  WriteText(out, "id", workflow.id.ToString());
  out.Name("attributes");
  out.BeginObject();
  WriteText(out, "name", workflow.name);
  WriteAccount(out, "owner", workflow.owner);
  out.Name("run_as");
  if (workflow.run_as == RunAs::kUnspecified) {
    out.Null();
  } else {
    out.Text(EnumName(workflow.run_as));
  }
  WriteAccount(out, "run_as_account", workflow.run_as_account);
  out.Name("editors");
  out.BeginArray();
  for (const Principal& editor : workflow.editors) out.Text(editor.ToString());
  out.EndArray();
  out.Name("steps");
  WriteSteps(out, workflow.steps);
  WriteText(out, "created_at", FormatTime(workflow.life.created.time_ms));
  WriteText(out, "last_updated", FormatTime(workflow.life.changed.time_ms));
  out.Name("revision");
  out.Uint(workflow.life.revision.value);
  out.EndObject();
  out.EndObject();
}

}  // namespace conntrail::api
