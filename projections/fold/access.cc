#include "projections/fold/access.h"

#include <algorithm>

namespace conntrail {
namespace {

// True if `grantee` is `account`, holds it as a member, or is the org.
bool Includes(const WorkingSet& set, const Principal& grantee, const Principal& account) {
  if (grantee.is_account()) return SamePrincipal(grantee, account);
  if (grantee.is_group()) {
    const Group* group = set.Find<Group>(KeyOf(grantee));
    return group != nullptr && !group->life.deleted && group->FindMember(account) != nullptr;
  }
  return grantee.kind == PrincipalKind::kOrg && set.org != nullptr &&
         grantee.id == set.org->id.uuid;
}

}  // namespace

std::vector<HeldGrant> EffectiveGrants(const Connection& connection, const OrgId& org) {
  if (connection.has_policy || connection.life.deleted) return connection.grants;
  std::vector<HeldGrant> grants;
  grants.push_back({{Relation::kViewer, Principal::Org(org)}, connection.life.created});
  if (connection.created_by) {
    grants.push_back({{Relation::kEditor, *connection.created_by}, connection.life.created});
  }
  return grants;
}

Relation RelationOf(const WorkingSet& set, const Connection& connection, const Principal& account) {
  Relation highest = Relation::kNone;
  const auto consider = [&](Relation relation, const Principal& grantee) {
    if (relation > highest && Includes(set, grantee, account)) highest = relation;
  };
  if (connection.has_policy) {
    for (const HeldGrant& held : connection.grants) {
      consider(held.grant.relation, held.grant.principal);
    }
    return highest;
  }
  consider(Relation::kViewer, set.org == nullptr ? Principal{} : Principal::Org(set.org->id));
  if (connection.created_by) consider(Relation::kEditor, *connection.created_by);
  return highest;
}

}  // namespace conntrail
