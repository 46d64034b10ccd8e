// Rules version 1: workflows and integrations.

#include <algorithm>

#include "projections/fold/access.h"
#include "projections/fold/decision.h"

namespace conntrail {
namespace {

bool Uses(const Workflow& workflow, const ConnectionId& connection) {
  return std::any_of(workflow.steps.begin(), workflow.steps.end(),
                     [&](const WorkflowStep& step) { return step.connection == connection; });
}

// Putting a connection into a step is using it: whoever does must be its resolver. Steps that had
// it before stay as they are; a deleted workflow has no steps.
bool MayAttach(Decision& d, const WorkflowSaved& action, const Workflow* known) {
  if (!d.is_intent()) return true;
  const bool live = known != nullptr && !known->life.deleted;
  for (const WorkflowStep& step : action.steps) {
    if (!step.connection || (live && Uses(*known, *step.connection))) continue;
    const Connection* connection = d.LiveConnection(*step.connection);
    if (connection == nullptr || !d.RequireRelation(*connection, Relation::kResolver)) return false;
  }
  return true;
}

// Owner and editors change a workflow; one without an owner is anybody's.
bool MayChange(Decision& d, const Workflow& workflow) {
  if (!d.is_intent() || !workflow.owner) return true;
  const Principal& actor = *d.event.actor.principal;
  const bool edits = std::any_of(workflow.editors.begin(), workflow.editors.end(),
                                 [&](const Principal& p) { return SamePrincipal(p, actor); });
  if (edits || SamePrincipal(*workflow.owner, actor)) return true;
  d.Deny(Reason::kEditorRequired);
  return false;
}

}  // namespace

void FoldWorkflowSaved(Decision& d, const WorkflowSaved& action) {
  const EntityKey key = KeyOf(action.workflow);
  const Workflow* known = d.set.Find<Workflow>(key);
  if (known != nullptr && !known->life.deleted && !MayChange(d, *known)) return;
  if (!MayAttach(d, action, known)) return;
  if (!d.RequireRevision(known == nullptr ? Revision() : known->life.revision)) return;
  Workflow workflow;
  workflow.id = action.workflow;
  if (known != nullptr) workflow.life = known->life;
  workflow.life.deleted = false;
  workflow.name = action.name;
  workflow.owner = action.owner;
  workflow.run_as = action.run_as;
  workflow.run_as_account = action.run_as_account;
  workflow.editors = action.editors;
  workflow.steps = action.steps;
  if (known != nullptr && workflow == *known) {
    d.outcome.reason = Reason::kNoChange;
    return;
  }
  d.Change(key, std::move(workflow));
}

void FoldWorkflowDeleted(Decision& d, const WorkflowDeleted& action) {
  const EntityKey key = KeyOf(action.workflow);
  const Workflow* known = d.set.Find<Workflow>(key);
  if (known == nullptr || known->life.deleted) {
    if (d.is_observation()) d.outcome.marks |= mark::kGap;
    return d.Reject(Reason::kSubjectNotFound);
  }
  if (!MayChange(d, *known)) return;
  if (!d.RequireRevision(known->life.revision)) return;
  Workflow workflow = *known;
  workflow.life.deleted = true;
  d.Change(key, std::move(workflow));
}

void FoldIntegrationConnected(Decision& d, const IntegrationConnected& action) {
  if (!d.RequireRight(right::kConnectionsWrite)) return;
  const EntityKey key{EntityKind::kIntegration, action.integration, {}};
  const Integration* known = d.set.Find<Integration>(key);
  if (!d.RequireRevision(known == nullptr ? Revision() : known->life.revision)) return;
  Integration integration;
  integration.id = action.integration;
  if (known != nullptr) integration.life = known->life;
  integration.life.deleted = false;
  integration.type = action.type;
  integration.account = action.account;
  integration.secrets = action.secrets;
  integration.consent = action.consent;
  if (known != nullptr && integration == *known) {
    d.outcome.reason = Reason::kNoChange;
    return;
  }
  d.Change(key, std::move(integration));
}

void FoldIntegrationDisconnected(Decision& d, const IntegrationDisconnected& action) {
  if (!d.RequireRight(right::kConnectionsWrite)) return;
  const EntityKey key{EntityKind::kIntegration, action.integration, {}};
  const Integration* known = d.set.Find<Integration>(key);
  if (known == nullptr || known->life.deleted) {
    if (d.is_observation()) d.outcome.marks |= mark::kGap;
    return d.Reject(Reason::kSubjectNotFound);
  }
  if (!d.RequireRevision(known->life.revision)) return;
  Integration integration = *known;
  integration.life.deleted = true;
  d.Change(key, std::move(integration));
}

}  // namespace conntrail
