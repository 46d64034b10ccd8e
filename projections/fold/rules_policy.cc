// Rules version 1: restriction policies and uses of a connection.

#include <algorithm>

#include "projections/fold/access.h"
#include "projections/fold/decision.h"

namespace conntrail {
namespace {

auto GrantLess(const HeldGrant& held, const Grant& grant) { return held.grant < grant; }

std::vector<HeldGrant>::iterator Lookup(std::vector<HeldGrant>& grants, const Grant& grant) {
  return std::lower_bound(grants.begin(), grants.end(), grant, GrantLess);
}

bool Add(std::vector<HeldGrant>& grants, const Grant& grant, Place since) {
  const auto at = Lookup(grants, grant);
  if (at != grants.end() && at->grant == grant) return false;
  grants.insert(at, {grant, since});
  return true;
}

bool Remove(std::vector<HeldGrant>& grants, const Grant& grant) {
  const auto at = Lookup(grants, grant);
  if (at == grants.end() || at->grant != grant) return false;
  grants.erase(at);
  return true;
}

// The policy of a resource is its editors' to change. Who manages access may as well: an elevation,
// which the trail shows by its right.
bool MayChangePolicy(Decision& d, const Connection& connection) {
  if (!d.is_intent() || (d.rights() & right::kUserAccessManage) != 0) return true;
  return d.RequireRelation(connection, Relation::kEditor);
}

// Decides the change from `known` to `connection`.
void Settle(Decision& d, const Connection& known, Connection connection, bool allow_self_lockout) {
  if (d.is_intent()) {
    const bool locked_out =
        RelationOf(d.set, connection, *d.event.actor.principal) < Relation::kEditor;
    const bool manages = (d.rights() & right::kUserAccessManage) != 0;
    if (locked_out && !(allow_self_lockout && manages)) return d.Reject(Reason::kSelfLockout);
  }
  if (connection.grants.size() > kPolicyGrantsMax) return d.Reject(Reason::kLimitReached);
  if (!d.RequireRevision(known.life.revision)) return;
  if (connection == known) {
    if (d.outcome.reason == Reason::kNone) d.outcome.reason = Reason::kNoChange;
    return;
  }
  d.outcome.slot = connection.slot;
  const EntityKey key = KeyOf(connection.id);
  d.Change(key, std::move(connection));
}

}  // namespace

void FoldPolicyReplaced(Decision& d, const PolicyReplaced& action) {
  const Connection* known = d.LiveConnection(action.connection);
  if (known == nullptr || !MayChangePolicy(d, *known)) return;
  Connection connection = *known;
  connection.has_policy = !action.restore_default;
  connection.grants.clear();
  if (!action.restore_default) {
    // A grant that was held already keeps its age.
    const std::vector<HeldGrant> before = EffectiveGrants(*known, d.set.org->id);
    for (const Grant& grant : action.grants) {
      const auto held = std::find_if(before.begin(), before.end(),
                                     [&](const HeldGrant& h) { return h.grant == grant; });
      Add(connection.grants, grant, held == before.end() ? d.here : held->since);
    }
  }
  Settle(d, *known, std::move(connection), action.allow_self_lockout);
}

void FoldPolicyPatched(Decision& d, const PolicyPatched& action) {
  const Connection* known = d.LiveConnection(action.connection);
  if (known == nullptr || !MayChangePolicy(d, *known)) return;
  Connection connection = *known;
  // An intent adds to what is in force, so the defaults become explicit. A source that reports
  // grants reports all there are: before its first there was nobody.
  if (!known->has_policy && d.is_intent()) {
    for (const HeldGrant& held : EffectiveGrants(*known, d.set.org->id)) {
      Add(connection.grants, held.grant, held.since);
    }
  }
  connection.has_policy = true;
  for (const Grant& grant : action.removed) {
    if (!Remove(connection.grants, grant) && d.is_observation()) d.Gap(Reason::kGapBeforeDiffers);
  }
  for (const Grant& grant : action.added) {
    if (!Add(connection.grants, grant, d.here) && d.is_observation()) {
      d.Gap(Reason::kGapAlreadyThere);
    }
  }
  Settle(d, *known, std::move(connection), action.allow_self_lockout);
}

void FoldConnectionUsed(Decision& d, const ConnectionUsed& action) {
  const Connection* connection = d.LiveConnection(action.connection);
  if (connection == nullptr) return;
  if (!d.RequireRight(right::kConnectionsResolve)) return;
  if (!d.RequireRelation(*connection, Relation::kResolver)) return;
  if (d.is_intent() && connection->suspended) return d.Reject(Reason::kConnectionSuspended);

  const Uuid principal = action.principal ? action.principal->id : Uuid{};
  const EntityKey key{EntityKind::kUse, action.connection.uuid, principal};
  const Use* known = d.set.Find<Use>(key);
  Use use = known != nullptr ? *known
                             : Use{.connection = action.connection, .principal = action.principal};
  const UnixMs last_ms = action.last_at_ms.value_or(d.here.time_ms);
  const UnixMs first_ms = std::min(action.first_at_ms.value_or(last_ms), last_ms);
  use.first_at_ms = known == nullptr ? first_ms : std::min(use.first_at_ms, first_ms);
  use.last_at_ms = std::max(use.last_at_ms, last_ms);
  use.count += action.count;
  if (action.mode == UseMode::kAutomatic) use.automatic += action.count;
  if (action.principal && RelationOf(d.set, *connection, *action.principal) < Relation::kResolver) {
    use.without_grant += action.count;
    d.outcome.reason = Reason::kUseWithoutGrant;
  }
  use.last = d.here;
  d.Change(key, std::move(use));
}

}  // namespace conntrail
