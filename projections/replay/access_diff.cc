#include "projections/replay/access_diff.h"

#include <algorithm>
#include <utility>

#include "projections/replay/access_grants.h"

namespace conntrail {
namespace {

// Groups are looked at again and again; those of the largest orgs need not all stay.
constexpr size_t kGroupsMax = 20'000;

}  // namespace

Status AccessDiff::Load() {
  CONNTRAIL_RETURN_IF_ERROR(ForEachPair(question_, EntityKind::kAccount, Pairs::kAll,
                                        [&](const EntityPair& pair) -> Result<bool> {
                                          const bool was = IsActive(pair.before);
                                          const bool is = IsActive(pair.after);
                                          if (!was) inactive_[0].insert(pair.key.id);
                                          if (!is) inactive_[1].insert(pair.key.id);
                                          if (was != is) changed_accounts_.insert(pair.key.id);
                                          return true;
                                        }));
  return ForEachPair(question_, EntityKind::kGroup, Pairs::kDifferent,
                     [&](const EntityPair& pair) -> Result<bool> {
                       changed_groups_.insert(pair.key.id);
                       return true;
                     });
}

bool AccessDiff::MayDiffer(const Connection& connection) const {
  if (!changed_accounts_.empty()) return true;
  return std::any_of(connection.grants.begin(), connection.grants.end(), [&](const HeldGrant& h) {
    return h.grant.principal.is_group() && changed_groups_.contains(h.grant.principal.id);
  });
}

Result<const Group*> AccessDiff::GroupAt(size_t side, const Uuid& id) {
  auto& known = groups_[side];
  auto found = known.find(id);
  if (found == known.end()) {
    if (known.size() >= kGroupsMax) known.clear();
    const DiffQuestion::Side& asked = side == 0 ? question_.before : question_.after;
    CONNTRAIL_ASSIGN_OR_RETURN(std::optional<Entity> entity,
                               asked.org->EntityAt(EntityKind::kGroup, id, asked.at));
    std::optional<Group> group;
    if (entity) group = std::get<Group>(std::move(*entity));
    found = known.emplace(id, std::move(group)).first;
  }
  return found->second ? &*found->second : nullptr;
}

Result<AccessDiff::Holdings> AccessDiff::HoldingsOf(size_t side, const Connection* connection) {
  const OrgId& org = (side == 0 ? question_.before : question_.after).org->state().id;
  const GrantsInForce grants = GrantsInForce::Of(connection, org);
  Holdings holdings;
  const auto take = [&](const Principal& principal, AccessPath path) {
    if (principal.is_account() && inactive_[side].contains(principal.id)) return;
    Holding& holding = holdings[Normal(principal)];
    const bool is_direct = !path.joined;
    const Relation relation = path.grant.relation;
    const bool is_better = relation > holding.relation ||
                           (relation == holding.relation && is_direct && holding.path.joined);
    if (is_better) holding = {principal, relation, std::move(path)};
  };
  for (const HeldGrant& held : grants.held) {
    const Principal& grantee = held.grant.principal;
    AccessPath path{held.grant, held.since, std::nullopt, {}, grants.by_default};
    if (!grantee.is_group()) {
      if (grantee.is_account() || grantee == Principal::Org(org)) take(grantee, std::move(path));
      continue;
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const Group* group, GroupAt(side, grantee.id));
    if (group == nullptr) {
      take(grantee, std::move(path));
      continue;
    }
    if (group->life.deleted) continue;
    path.group_name = group->name;
    for (const Member& member : group->members) {
      path.joined = member.since;
      take(member.principal, path);
    }
  }
  return holdings;
}

Result<std::vector<AccessDifference>> AccessDiff::Compare(const Connection* before,
                                                          const Connection* after) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Holdings was, HoldingsOf(0, before));
  CONNTRAIL_ASSIGN_OR_RETURN(const Holdings is, HoldingsOf(1, after));
  const Connection& named = after != nullptr ? *after : *before;
  std::vector<AccessDifference> differences;
  const auto add = [&](const Holding* old_one, const Holding* new_one) {
    AccessDifference difference{named.id, std::string(named.name())};
    difference.before = old_one == nullptr ? Relation::kNone : old_one->relation;
    difference.after = new_one == nullptr ? Relation::kNone : new_one->relation;
    if (difference.before == difference.after) return;
    const Holding& shown = new_one == nullptr ? *old_one : *new_one;
    difference.principal = shown.principal;
    difference.path = shown.path;
    differences.push_back(std::move(difference));
  };
  auto old_at = was.begin();
  auto new_at = is.begin();
  while (old_at != was.end() || new_at != is.end()) {
    const bool has_old =
        old_at != was.end() && (new_at == is.end() || old_at->first <= new_at->first);
    const bool has_new =
        new_at != is.end() && (old_at == was.end() || new_at->first <= old_at->first);
    add(has_old ? &old_at->second : nullptr, has_new ? &new_at->second : nullptr);
    if (has_old) ++old_at;
    if (has_new) ++new_at;
  }
  if (!differences.empty()) CONNTRAIL_RETURN_IF_ERROR(Attribute(named.id, differences));
  return differences;
}

}  // namespace conntrail
