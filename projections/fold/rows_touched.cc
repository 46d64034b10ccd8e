#include <type_traits>

#include "projections/fold/fold.h"

namespace conntrail {
namespace {

const ConnectionId* ConnectionOf(const Event& event) {
  return std::visit(
      [](const auto& action) -> const ConnectionId* {
        using T = std::decay_t<decltype(action)>;
        if constexpr (std::is_same_v<T, AttemptUnreadable> || std::is_same_v<T, ReviewDecided>) {
          return nullptr;
        } else if constexpr (requires { action.connection; }) {
          return &action.connection;
        } else {
          return nullptr;
        }
      },
      event.action);
}

void TouchWorkflow(const WorkflowSaved& action, std::vector<EntityKey>& keys) {
  keys.push_back(KeyOf(action.workflow));
  for (const WorkflowStep& step : action.steps) {
    if (step.connection) keys.push_back(KeyOf(*step.connection));
  }
}

void TouchUse(const ConnectionUsed& action, std::vector<EntityKey>& keys) {
  const Uuid principal = action.principal ? action.principal->id : Uuid{};
  keys.push_back({EntityKind::kUse, action.connection.uuid, principal});
}

void TouchGroupsOf(const Connection& connection, std::vector<EntityKey>& keys) {
  for (const HeldGrant& held : connection.grants) {
    if (held.grant.principal.is_group()) keys.push_back(KeyOf(held.grant.principal));
  }
}

void TouchGroupsOf(const std::vector<Grant>& grants, std::vector<EntityKey>& keys) {
  for (const Grant& grant : grants) {
    if (grant.principal.is_group()) keys.push_back(KeyOf(grant.principal));
  }
}

}  // namespace

void RowsTouchedBy(const Event& event, std::vector<EntityKey>& keys) {
  if (event.producer_sequence && !event.producer.empty()) {
    keys.push_back(ProducerKeyOf(event.producer));
  }
  if (event.authority == Authority::kIntent) {
    if (event.actor.principal && event.actor.principal->is_account()) {
      keys.push_back(KeyOf(*event.actor.principal));
    }
    if (event.actor.application_key) keys.push_back(KeyOf(*event.actor.application_key));
  }
  if (const ConnectionId* connection = ConnectionOf(event)) keys.push_back(KeyOf(*connection));
  if (const auto* used = std::get_if<ConnectionUsed>(&event.action)) TouchUse(*used, keys);
  if (const auto* a = std::get_if<AccountChanged>(&event.action)) keys.push_back(KeyOf(a->account));
  if (const auto* g = std::get_if<GroupChanged>(&event.action)) keys.push_back(KeyOf(g->group));
  if (const auto* saved = std::get_if<WorkflowSaved>(&event.action)) TouchWorkflow(*saved, keys);
  if (const auto* w = std::get_if<WorkflowDeleted>(&event.action))
    keys.push_back(KeyOf(w->workflow));
  if (const auto* i = std::get_if<IntegrationConnected>(&event.action)) {
    keys.push_back({EntityKind::kIntegration, i->integration, {}});
  }
  if (const auto* i = std::get_if<IntegrationDisconnected>(&event.action)) {
    keys.push_back({EntityKind::kIntegration, i->integration, {}});
  }
  if (const auto* k = std::get_if<KeyCreated>(&event.action)) keys.push_back(KeyOf(k->key));
  if (const auto* k = std::get_if<KeyRevoked>(&event.action)) keys.push_back(KeyOf(k->key));
  if (const auto* k = std::get_if<KeyRightsChanged>(&event.action)) keys.push_back(KeyOf(k->key));
}

void RowsDecidingOn(const Event& event, const WorkingSet& loaded, std::vector<EntityKey>& keys) {
  // A use is judged by the user's groups even when it is only observed.
  const bool judged =
      event.authority == Authority::kIntent || event.type() == EventType::kConnectionUsed;
  if (!judged) return;
  if (const ConnectionId* id = ConnectionOf(event)) {
    const Connection* connection = loaded.Find<Connection>(KeyOf(*id));
    if (connection != nullptr) TouchGroupsOf(*connection, keys);
  }
  if (const auto* replaced = std::get_if<PolicyReplaced>(&event.action)) {
    TouchGroupsOf(replaced->grants, keys);
  }
  if (const auto* patched = std::get_if<PolicyPatched>(&event.action)) {
    TouchGroupsOf(patched->added, keys);
  }
  if (const auto* saved = std::get_if<WorkflowSaved>(&event.action)) {
    for (const WorkflowStep& step : saved->steps) {
      if (!step.connection) continue;
      const Connection* connection = loaded.Find<Connection>(KeyOf(*step.connection));
      if (connection != nullptr) TouchGroupsOf(*connection, keys);
    }
  }
}

}  // namespace conntrail
