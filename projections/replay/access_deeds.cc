// Which record made somebody's access what it is.

#include <algorithm>
#include <utility>

#include "projections/replay/access_diff.h"
#include "projections/replay/access_grants.h"

namespace conntrail {
namespace {

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

// The access of a few principals to one connection, record by record.
struct AccessDiff::Replay {
  size_t span = 0;
  OrgId org;
  GrantsInForce grants;
  std::map<Uuid, std::optional<Ids>> groups;  // nullopt: not known
  Ids inactive;
  std::set<Principal> asked;

  // What happened, to be put in order.
  struct Step {
    TrailLine line;
    std::function<void()> apply;
  };
  std::vector<Step> steps;

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
      if (group == groups.end() || !group->second) {
        take(grantee, held.grant.relation);
        continue;
      }
      for (const Uuid& member : *group->second) take(Principal::User(member), held.grant.relation);
    }
    return relations;
  }

  // The last record that changed the access of each.
  std::map<Principal, Deed> Play() {
    std::stable_sort(steps.begin(), steps.end(),
                     [](const Step& a, const Step& b) { return a.line.place < b.line.place; });
    std::map<Principal, Deed> last;
    std::map<Principal, Relation> now = Relations();
    for (const Step& step : steps) {
      step.apply();
      std::map<Principal, Relation> then = Relations();
      for (const Principal& principal : asked) {
        if (then[principal] != now[principal]) last[principal] = Deed::Of(step.line, span);
      }
      now = std::move(then);
    }
    return last;
  }
};

Status AccessDiff::Attribute(const ConnectionId& id, std::vector<AccessDifference>& differences) {
  for (size_t span = 0; span < question_.spans.size(); ++span) {
    Replay replay;
    replay.span = span;
    replay.org = question_.spans[span].org->state().id;
    for (const AccessDifference& difference : differences) {
      if (!difference.by) replay.asked.insert(Normal(difference.principal));
    }
    if (replay.asked.empty()) break;
    CONNTRAIL_RETURN_IF_ERROR(AddConnection(id, replay));
    CONNTRAIL_RETURN_IF_ERROR(AddGroups(replay));
    CONNTRAIL_RETURN_IF_ERROR(AddAccounts(replay));
    const std::map<Principal, Deed> last = replay.Play();
    for (AccessDifference& difference : differences) {
      const auto found = last.find(Normal(difference.principal));
      if (!difference.by && found != last.end()) difference.by = found->second;
    }
  }
  return Status::Ok();
}

Status AccessDiff::AddConnection(const ConnectionId& id, Replay& replay) {
  const auto see = [&replay](const GrantsInForce& grants) {
    for (const HeldGrant& held : grants.held) {
      if (held.grant.principal.is_group()) replay.groups[held.grant.principal.id];
    }
  };
  return ForEachVersion(
      question_.spans[replay.span], EntityKind::kConnection, id.uuid,
      [&](const TrailLine* line, std::optional<Entity> entity) {
        GrantsInForce grants = GrantsInForce::Of(AsConnection(entity), replay.org);
        see(grants);
        if (line == nullptr) {
          replay.grants = std::move(grants);
        } else {
          replay.steps.push_back({*line, [&replay, grants] { replay.grants = grants; }});
        }
        return true;
      });
}

Status AccessDiff::AddGroups(Replay& replay) {
  for (auto& [group, members] : replay.groups) {
    CONNTRAIL_ASSIGN_OR_RETURN(const GroupPast* past, PastOf(replay.span, group));
    if (past->members) members = AskedOf(replay.asked, *past->members);
    for (const GroupStep& step : past->steps) {
      replay.steps.push_back({step.line, [&replay, &step, &known = members] {
                                if (!known) known.emplace();
                                known->merge(AskedOf(replay.asked, step.joined));
                                for (const Uuid& left : AskedOf(replay.asked, step.left)) {
                                  known->erase(left);
                                }
                              }});
    }
  }
  return Status::Ok();
}

Status AccessDiff::AddAccounts(Replay& replay) {
  for (const Principal& principal : replay.asked) {
    if (!principal.is_account()) continue;
    CONNTRAIL_RETURN_IF_ERROR(
        ForEachVersion(question_.spans[replay.span], EntityKind::kAccount, principal.id,
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
                           replay.steps.push_back({*line, apply});
                         }
                         return true;
                       }));
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

}  // namespace conntrail
