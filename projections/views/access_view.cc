#include "projections/views/access_view.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "projections/fold/access.h"

namespace conntrail {
namespace {

// As the fold does, a grant finds its group by the id alone, be it called a team or a role.
using GroupsById = std::unordered_map<Uuid, Group>;
using AccountsById = std::map<Uuid, Account>;

Result<GroupsById> LoadGroups(const OrgView& org, const Place& at) {
  GroupsById groups;
  CONNTRAIL_RETURN_IF_ERROR(org.ForEachEntity(EntityKind::kGroup, at, [&](const Entity& entity) {
    const Group* group = std::get_if<Group>(&entity);
    if (group != nullptr && !group->life.deleted) groups.emplace(group->id.id, *group);
    return true;
  }));
  return groups;
}

Result<AccountsById> LoadAccounts(const OrgView& org, const Place& at) {
  AccountsById accounts;
  CONNTRAIL_RETURN_IF_ERROR(org.ForEachEntity(EntityKind::kAccount, at, [&](const Entity& entity) {
    if (const Account* account = std::get_if<Account>(&entity)) {
      accounts.emplace(account->id.id, *account);
    }
    return true;
  }));
  return accounts;
}

AccessPath DirectPath(const HeldGrant& held, bool by_default) {
  return {held.grant, held.since, std::nullopt, {}, by_default};
}

AccessPath GroupPath(const HeldGrant& held, const Group& group, const Member& member) {
  return {held.grant, held.since, member.since, group.name, false};
}

void SortPaths(std::vector<AccessPath>& paths) {
  std::stable_sort(paths.begin(), paths.end(), [](const AccessPath& a, const AccessPath& b) {
    return a.grant.relation > b.grant.relation;
  });
}

// Who reaches a connection, account by account.
class Reach {
 public:
  void Add(const Principal& account, AccessPath path) {
    AccountAccess& access = by_id_[account.id];
    if (access.paths.empty()) access.account = account;
    access.relation = std::max(access.relation, path.grant.relation);
    access.paths.push_back(std::move(path));
  }

  std::vector<AccountAccess> Take(Relation relation, const AccountsById& accounts) {
    std::vector<AccountAccess> all;
    for (auto& [id, access] : by_id_) {
      if (access.relation < relation) continue;
      const auto known = accounts.find(id);
      access.active =
          known == accounts.end() || (known->second.active && !known->second.life.deleted);
      SortPaths(access.paths);
      all.push_back(std::move(access));
    }
    return all;
  }

 private:
  std::map<Uuid, AccountAccess> by_id_;
};

// An org grant reaches everybody who is there.
void AddOrg(Reach& reach, const HeldGrant& held, bool by_default, const AccountsById& accounts) {
  bool anybody = false;
  for (const auto& [id, account] : accounts) {
    if (account.life.deleted || !account.active) continue;
    anybody = true;
    reach.Add(account.id, DirectPath(held, by_default));
  }
  if (!anybody) reach.Add(held.grant.principal, DirectPath(held, by_default));
}

// The paths by which `principal` holds something through `held`.
void AddPaths(const HeldGrant& held, bool by_default, const Principal& principal, const OrgId& org,
              const GroupsById& groups, std::vector<AccessPath>& paths) {
  const Principal& grantee = held.grant.principal;
  if (SamePrincipal(grantee, principal) ||
      (grantee == Principal::Org(org) && principal.is_account())) {
    paths.push_back(DirectPath(held, by_default));
    return;
  }
  if (!grantee.is_group() || !principal.is_account()) return;
  const auto group = groups.find(grantee.id);
  if (group == groups.end()) return;
  const Member* member = group->second.FindMember(principal);
  if (member != nullptr) paths.push_back(GroupPath(held, group->second, *member));
}

}  // namespace

Result<Relation> RelationOf(const OrgView& org, const Connection& connection,
                            const Principal& account, const Place& at) {
  Relation highest = Relation::kNone;
  for (const HeldGrant& held : EffectiveGrants(connection, org.state().id)) {
    const Principal& grantee = held.grant.principal;
    if (held.grant.relation <= highest) continue;
    bool includes = SamePrincipal(grantee, account);
    if (grantee.is_group()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> entity,
                                 org.EntityAt(EntityKind::kGroup, grantee.id, at));
      const Group* group = entity ? std::get_if<Group>(&*entity) : nullptr;
      includes = group != nullptr && !group->life.deleted && group->FindMember(account) != nullptr;
    } else if (grantee.kind == PrincipalKind::kOrg) {
      includes = grantee.id == org.state().id.uuid;
    }
    if (includes) highest = held.grant.relation;
  }
  return highest;
}

Result<std::vector<AccountAccess>> WhoCan(const OrgView& org, const ConnectionId& id,
                                          Relation relation, const Moment& at) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.Resolve(at));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> entity,
                             org.EntityAt(EntityKind::kConnection, id.uuid, place));
  const Connection* connection = entity ? std::get_if<Connection>(&*entity) : nullptr;
  if (connection == nullptr || connection->life.deleted) {
    return Status::NotFound("there was no connection " + id.ToString() + " in " + org.state().name +
                            " at that moment");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const AccountsById accounts, LoadAccounts(org, place));
  Reach reach;
  const bool by_default = !connection->has_policy;
  for (const HeldGrant& held : EffectiveGrants(*connection, org.state().id)) {
    const Principal& grantee = held.grant.principal;
    if (grantee.is_account()) {
      reach.Add(grantee, DirectPath(held, by_default));
    } else if (grantee == Principal::Org(org.state().id)) {
      AddOrg(reach, held, by_default, accounts);
    } else if (grantee.is_group()) {
      CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<Entity> found,
                                 org.EntityAt(EntityKind::kGroup, grantee.id, place));
      const Group* group = found ? std::get_if<Group>(&*found) : nullptr;
      if (group == nullptr || group->life.deleted) continue;
      for (const Member& member : group->members) {
        reach.Add(member.principal, GroupPath(held, *group, member));
      }
    }
  }
  return reach.Take(relation, accounts);
}

Result<std::vector<ConnectionAccess>> WhatCan(const OrgView& org, const Principal& principal,
                                              Relation relation, const Moment& at) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.Resolve(at));
  CONNTRAIL_ASSIGN_OR_RETURN(const GroupsById groups, LoadGroups(org, place));
  std::vector<ConnectionAccess> all;
  CONNTRAIL_RETURN_IF_ERROR(
      org.ForEachEntity(EntityKind::kConnection, place, [&](const Entity& entity) {
        const Connection* connection = std::get_if<Connection>(&entity);
        if (connection == nullptr || connection->life.deleted) return true;
        ConnectionAccess access;
        for (const HeldGrant& held : EffectiveGrants(*connection, org.state().id)) {
          AddPaths(held, !connection->has_policy, principal, org.state().id, groups, access.paths);
        }
        if (access.paths.empty()) return true;
        SortPaths(access.paths);
        access.relation = access.paths.front().grant.relation;
        if (access.relation < relation) return true;
        access.connection = connection->id;
        access.name = connection->name();
        access.suspended = connection->suspended;
        all.push_back(std::move(access));
        return true;
      }));
  std::sort(all.begin(), all.end(), [](const ConnectionAccess& a, const ConnectionAccess& b) {
    return std::tie(a.name, a.connection) < std::tie(b.name, b.connection);
  });
  return all;
}

Result<std::vector<IntegrationAccess>> IntegrationsOf(const OrgView& org,
                                                      const Principal& principal,
                                                      const Moment& at) {
  std::vector<IntegrationAccess> all;
  if (!principal.is_account() && principal != Principal::Org(org.state().id)) return all;
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.Resolve(at));
  CONNTRAIL_RETURN_IF_ERROR(
      org.ForEachEntity(EntityKind::kIntegration, place, [&](const Entity& entity) {
        const auto& known = std::get<Integration>(entity);
        if (known.life.deleted) return true;
        all.push_back({known.id, known.type, known.account,
                       known.consent ? known.consent->scopes : TextList(), known.life.created});
        return true;
      }));
  std::sort(all.begin(), all.end(), [](const IntegrationAccess& a, const IntegrationAccess& b) {
    return std::tie(a.type, a.account, a.integration) < std::tie(b.type, b.account, b.integration);
  });
  return all;
}

}  // namespace conntrail
