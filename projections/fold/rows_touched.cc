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

void TouchSteps(const WorkflowSaved& action, std::vector<EntityKey>& keys) {
  for (const WorkflowStep& step : action.steps) {
    if (step.connection) keys.push_back(KeyOf(*step.connection));
  }
}

EntityKey ConnectionKey(const ConnectionId& id) {
  return id.uuid.is_nil() ? EntityKey{} : KeyOf(id);
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

EntityKey SubjectOf(const Event& event) {
  return std::visit(
      [&](const auto& action) -> EntityKey {
        using T = std::decay_t<decltype(action)>;
        if constexpr (std::is_same_v<T, AttemptUnreadable>) {
          return action.connection ? ConnectionKey(*action.connection) : EntityKey{};
        } else if constexpr (requires { action.connection; } && !std::is_same_v<T, ReviewDecided>) {
          return ConnectionKey(action.connection);
        } else if constexpr (std::is_same_v<T, AccountChanged>) {
          return KeyOf(action.account);
        } else if constexpr (std::is_same_v<T, GroupChanged>) {
          return KeyOf(action.group);
        } else if constexpr (requires { action.workflow; }) {
          return KeyOf(action.workflow);
        } else if constexpr (requires { action.integration; }) {
          return {EntityKind::kIntegration, action.integration, {}};
        } else if constexpr (requires { action.key; }) {
          return KeyOf(action.key);
        } else if constexpr (std::is_same_v<T, OrgOpened>) {
          return {EntityKind::kOrg, event.org.uuid, {}};
        } else {
          return {};
        }
      },
      event.action);
}

void RowsTouchedBy(const Event& event, std::vector<EntityKey>& keys) {
  const EntityKey subject = SubjectOf(event);
  if (subject.kind != EntityKind::kNone && subject.kind != EntityKind::kOrg)
    keys.push_back(subject);
  if (event.producer_sequence && !event.producer.empty()) {
    keys.push_back(ProducerKeyOf(event.producer));
  }
  if (event.authority == Authority::kIntent) {
    if (event.actor.principal && event.actor.principal->is_account()) {
      keys.push_back(KeyOf(*event.actor.principal));
    }
    if (event.actor.application_key) keys.push_back(KeyOf(*event.actor.application_key));
  }
  if (const auto* used = std::get_if<ConnectionUsed>(&event.action)) TouchUse(*used, keys);
  if (const auto* saved = std::get_if<WorkflowSaved>(&event.action)) TouchSteps(*saved, keys);
}

void RowsDecidingOn(const Event& event, const WorkingSet& loaded, std::vector<EntityKey>& keys) {
  if (loaded.partition.rules >= kRulesVersionApiKeys && event.authority == Authority::kIntent &&
      event.actor.api_key) {
    keys.push_back(KeyOf(*event.actor.api_key));
  }
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
