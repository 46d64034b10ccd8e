#include "projections/replay/access_diff.h"

#include <algorithm>
#include <utility>

#include "projections/fold/access.h"

namespace conntrail {
namespace {

// Groups are looked at again and again; those of the largest orgs need not all stay.
constexpr size_t kGroupsMax = 20'000;

Principal Normal(const Principal& principal) {
  return principal.is_account() ? Principal::User(principal.id) : principal;
}

bool IsActive(const Entity* entity) {
  const Account* account = entity == nullptr ? nullptr : std::get_if<Account>(entity);
  return account == nullptr || (account->active && !account->life.deleted);
}

// What counts of a connection for access to it.
struct Grants {
  std::vector<HeldGrant> held;
  bool by_default = false;

  static Grants Of(const Connection* connection, const OrgId& org) {
    if (connection == nullptr || connection->life.deleted) return {};
    return {EffectiveGrants(*connection, org), !connection->has_policy};
  }
};

std::set<Uuid> MembersOf(const Group& group) {
  std::set<Uuid> members;
  if (group.life.deleted) return members;
  for (const Member& member : group.members) members.insert(member.principal.id);
  return members;
}

std::vector<Uuid> Without(const std::set<Uuid>& these, const std::set<Uuid>& those) {
  std::vector<Uuid> rest;
  std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                      std::back_inserter(rest));
  return rest;
}

// Those that are asked about, of ids that are sorted: groups may be large.
std::set<Uuid> AskedOf(const std::set<Principal>& asked, const std::vector<Uuid>& ids) {
  std::set<Uuid> found;
  for (const Principal& principal : asked) {
    if (principal.is_account() && std::binary_search(ids.begin(), ids.end(), principal.id)) {
      found.insert(principal.id);
    }
  }
  return found;
}
std::set<Uuid> AskedOf(const std::set<Principal>& asked, const std::set<Uuid>& ids) {
  std::set<Uuid> found;
  for (const Principal& principal : asked) {
    if (principal.is_account() && ids.contains(principal.id)) found.insert(principal.id);
  }
  return found;
}

const Connection* AsConnection(const std::optional<Entity>& entity) {
  return entity ? std::get_if<Connection>(&*entity) : nullptr;
}

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
  const Grants grants = Grants::Of(connection, org);
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

Status AccessDiff::Attribute(const ConnectionId& id, std::vector<AccessDifference>& differences) {
  for (size_t span = 0; span < question_.spans.size(); ++span) {
    CONNTRAIL_RETURN_IF_ERROR(AttributeIn(span, id, differences));
  }
  return Status::Ok();
}

Result<const AccessDiff::GroupPast*> AccessDiff::PastOf(size_t span, const Uuid& group) {
  const auto known = pasts_.find({span, group});
  if (known != pasts_.end()) return &known->second;
  GroupPast past;
  std::optional<Ids> newer;
  std::optional<TrailLine> newer_line;
  CONNTRAIL_RETURN_IF_ERROR(ForEachVersion(
      question_.spans[span], EntityKind::kGroup, group,
      [&](const TrailLine* line, std::optional<Entity> entity) {
        std::optional<Ids> members;
        if (entity) members = MembersOf(std::get<Group>(*entity));
        if (newer_line) {
          const Ids older = members.value_or(Ids());
          GroupStep step{*newer_line, Without(*newer, older), Without(older, *newer), !members};
          const bool says_something = !step.joined.empty() || !step.left.empty() || step.begins;
          if (says_something) past.steps.push_back(std::move(step));
        }
        if (line == nullptr) past.members = std::move(members);
        if (line != nullptr) {
          newer = std::move(members);
          newer_line = *line;
        }
        return true;
      }));
  std::reverse(past.steps.begin(), past.steps.end());
  return &pasts_.emplace(std::pair(span, group), std::move(past)).first->second;
}

// The access of a few principals to one connection, record by record.
struct AccessDiff::Replay {
  OrgId org;
  Grants grants;
  std::map<Uuid, std::optional<Ids>> groups;  // nullopt: not known
  Ids inactive;
  std::set<Principal> asked;

  std::map<Principal, Relation> Relations() const {
    std::map<Principal, Relation> relations;
    const auto take = [&](const Principal& principal, Relation relation) {
      const Principal normal = Normal(principal);
      if (!asked.contains(normal)) return;
      if (principal.is_account() && inactive.contains(principal.id)) return;
      Relation& highest = relations[normal];
      highest = std::max(highest, relation);
    };
    for (const HeldGrant& held : grants.held) {
      const Principal& grantee = held.grant.principal;
      const auto group = grantee.is_group() ? groups.find(grantee.id) : groups.end();
      const bool is_known = group != groups.end() && group->second;
      if (!grantee.is_group() || !is_known) take(grantee, held.grant.relation);
      if (!is_known) continue;
      for (const Principal& principal : asked) {
        if (principal.is_account() && group->second->contains(principal.id)) {
          take(principal, held.grant.relation);
        }
      }
    }
    return relations;
  }
};

Status AccessDiff::AttributeIn(size_t span, const ConnectionId& id,
                               std::vector<AccessDifference>& differences) {
  Replay replay;
  const DiffQuestion::Span& stretch = question_.spans[span];
  replay.org = stretch.org->state().id;
  for (const AccessDifference& difference : differences) {
    if (!difference.by) replay.asked.insert(Normal(difference.principal));
  }
  if (replay.asked.empty()) return Status::Ok();

  // What happened, to be put in order.
  struct Step {
    TrailLine line;
    std::function<void()> apply;
  };
  std::vector<Step> steps;
  Ids groups;
  const auto see_groups = [&](const Grants& grants) {
    for (const HeldGrant& held : grants.held) {
      if (held.grant.principal.is_group()) groups.insert(held.grant.principal.id);
    }
  };
  CONNTRAIL_RETURN_IF_ERROR(
      ForEachVersion(stretch, EntityKind::kConnection, id.uuid,
                     [&](const TrailLine* line, std::optional<Entity> entity) {
                       Grants grants = Grants::Of(AsConnection(entity), replay.org);
                       see_groups(grants);
                       if (line == nullptr) {
                         replay.grants = std::move(grants);
                       } else {
                         steps.push_back({*line, [&replay, grants] { replay.grants = grants; }});
                       }
                       return true;
                     }));
  for (const Uuid& group : groups) {
    CONNTRAIL_ASSIGN_OR_RETURN(const GroupPast* past, PastOf(span, group));
    std::optional<Ids>& members = replay.groups[group];
    if (past->members) members = AskedOf(replay.asked, *past->members);
    for (const GroupStep& step : past->steps) {
      steps.push_back({step.line, [&replay, &step, &members] {
                         if (!members) members.emplace();
                         members->merge(AskedOf(replay.asked, step.joined));
                         for (const Uuid& left : AskedOf(replay.asked, step.left)) {
                           members->erase(left);
                         }
                       }});
    }
  }
  for (const Principal& principal : replay.asked) {
    if (!principal.is_account()) continue;
    CONNTRAIL_RETURN_IF_ERROR(
        ForEachVersion(stretch, EntityKind::kAccount, principal.id,
                       [&](const TrailLine* line, std::optional<Entity> entity) {
                         const bool is_active = IsActive(entity ? &*entity : nullptr);
                         const auto apply = [&replay, is_active, account = principal.id] {
                           if (is_active) {
                             replay.inactive.erase(account);
                           } else {
                             replay.inactive.insert(account);
                           }
                         };
                         if (line == nullptr) {
                           apply();
                         } else {
                           steps.push_back({*line, apply});
                         }
                         return true;
                       }));
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.line.place < b.line.place; });

  std::map<Principal, Deed> last;
  std::map<Principal, Relation> now = replay.Relations();
  for (const Step& step : steps) {
    step.apply();
    std::map<Principal, Relation> then = replay.Relations();
    for (const Principal& principal : replay.asked) {
      if (then[principal] != now[principal]) last[principal] = Deed::Of(step.line, span);
    }
    now = std::move(then);
  }
  for (AccessDifference& difference : differences) {
    const auto found = last.find(Normal(difference.principal));
    if (!difference.by && found != last.end()) difference.by = found->second;
  }
  return Status::Ok();
}

}  // namespace conntrail
