#include "tests/projections/fold/access_model.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "tests/support/actions.h"

namespace conntrail {
namespace {

constexpr int kEverybody = kWhom - 1;

Action ActionOf(const Deed& deed) {
  const std::string name = ConnectionName(deed.connection);
  const Principal whom = WhomNamed(deed.whom);
  const Grant grant{deed.relation, whom};
  const auto with_lockout = [&](auto action) -> Action {
    action.allow_self_lockout = deed.allows_lockout;
    return action;
  };
  switch (deed.kind) {
    case Deed::kCreate:
      return Create(name);
    case Deed::kEdit:
      return Edit(name, "region", int64_t{deed.value},
                  deed.observed ? FieldValue(int64_t{deed.value + 1}) : FieldValue());
    case Deed::kDelete:
      return Delete(name);
    case Deed::kSuspend:
      return Suspend(name);
    case Deed::kResume:
      return Resume(name);
    case Deed::kIssue:
      return Issue(name, "secret");
    case Deed::kWithdraw:
      return Withdraw(name);
    case Deed::kShare:
      return with_lockout(Replace(name, {grant, Editor(WhomNamed(deed.who))}));
    case Deed::kReplace:
      return with_lockout(Replace(name, {grant}));
    case Deed::kGrant:
      return with_lockout(Patch(name, {grant}));
    case Deed::kRevoke:
      return with_lockout(Patch(name, {}, {grant}));
    case Deed::kRestore:
      return with_lockout(RestoreDefault(name));
    case Deed::kUse:
      return Using(name, WhomNamed(deed.who));
    case Deed::kJoin:
      return Join(WhomNamed(kUsers + deed.connection), {WhomNamed(deed.whom % kUsers)});
    case Deed::kLeave:
      return Leave(WhomNamed(kUsers + deed.connection), {WhomNamed(deed.whom % kUsers)});
    case Deed::kDeactivate:
      return ChangeAccount(WhomNamed(deed.whom % kUsers), AccountChange::kDeactivated);
    default:
      return ChangeAccount(WhomNamed(deed.whom % kUsers), AccountChange::kReactivated);
  }
}

bool IsOfPolicy(Deed::Kind kind) { return kind >= Deed::kShare && kind <= Deed::kRestore; }

}  // namespace

Principal WhomNamed(int whom) {
  if (whom < kUsers) return UserNamed("user " + std::to_string(whom));
  if (whom == kUsers) return TeamNamed("team");
  if (whom == kUsers + 1) return RoleNamed("role");
  return EverybodyAtAcme();
}

std::string ConnectionName(int connection) { return "connection " + std::to_string(connection); }

Event Deed::ToEvent() const {
  EventBuilder builder = observed ? Observation(ActionOf(*this)) : Intent("", ActionOf(*this));
  builder.By(WhomNamed(who)).Rights(manages_access ? kAdminRights : kWorkRights);
  if (if_revision && !observed && kind < kUse) builder.IfRevision(*if_revision);
  return builder;
}

std::ostream& operator<<(std::ostream& out, const Deed& deed) {
  static constexpr std::array kNames = {
      "creates",   "edits",  "deletes",  "suspends",    "resumes",    "issues",
      "withdraws", "shares", "replaces", "grants",      "revokes",    "restores",
      "uses",      "joins",  "leaves",   "deactivates", "reactivates"};
  static_assert(kNames.size() == Deed::kKinds);
  out << "\n  " << (deed.observed ? "observed: " : "") << "user " << deed.who
      << (deed.manages_access ? " (manages access) " : " ") << kNames[deed.kind] << " connection "
      << deed.connection << ", whom " << deed.whom << " " << RelationName(deed.relation)
      << ", value " << deed.value << (deed.allows_lockout ? ", allows lockout" : "");
  if (deed.if_revision) out << ", if revision " << *deed.if_revision;
  return out;
}

const AccessModel::Conn* AccessModel::Find(int connection) const {
  const auto found = connections_.find(connection);
  return found == connections_.end() ? nullptr : &found->second;
}

Relation AccessModel::RelationOf(int connection, int user) const {
  return RelationIn(connections_.at(connection), user);
}

Relation AccessModel::RelationIn(const Conn& conn, int user) const {
  if (!conn.policy) return conn.creator == user ? Relation::kEditor : Relation::kViewer;
  Relation highest = Relation::kNone;
  for (const auto& [whom, relation] : *conn.policy) {
    const bool is_team = whom >= kUsers && whom < kEverybody;
    const bool holds = whom == user || whom == kEverybody ||
                       (is_team && members_.contains(whom) && members_.at(whom).contains(user));
    if (holds) highest = std::max(highest, relation);
  }
  return highest;
}

std::string AccessModel::Do(const Deed& deed) {
  if (!deed.observed && inactive_.contains(deed.who)) return "denied account_inactive";
  if (deed.kind >= Deed::kJoin) return DoToDirectory(deed);
  if (deed.kind == Deed::kCreate) return Create(deed);
  const auto found = connections_.find(deed.connection);
  if (found == connections_.end() && deed.kind == Deed::kEdit && deed.observed) {
    connections_[deed.connection] = {.region = deed.value, .revision = 1};
    return "applied gap_unknown_subject";
  }
  if (found == connections_.end() || found->second.deleted) return "rejected connection_not_found";
  Conn& conn = found->second;
  if (deed.kind == Deed::kUse) return Use(deed, conn);
  Conn changed = conn;
  const std::string words =
      IsOfPolicy(deed.kind) ? ChangePolicy(deed, changed) : Change(deed, changed);
  if (!words.starts_with("applied")) return words;
  if (changed == conn) return words == "applied" ? "applied no_change" : words;
  conn = changed;
  ++conn.revision;
  return words;
}

std::string AccessModel::Create(const Deed& deed) {
  const bool exists = connections_.contains(deed.connection);
  if (exists && !deed.observed) return "rejected connection_exists";
  if (!deed.observed && deed.if_revision.value_or(0) != 0) return "conflict revision_differs";
  const uint64_t revision = exists ? connections_[deed.connection].revision : 0;
  connections_[deed.connection] = {.creator = deed.who, .revision = revision + 1};
  return exists ? "applied gap_already_exists" : "applied";
}

std::string AccessModel::Change(const Deed& deed, Conn& conn) {
  const bool asked = !deed.observed;
  if (asked && RelationIn(conn, deed.who) < Relation::kEditor) {
    return "denied editor_relation_required";
  }
  if (asked && deed.if_revision && *deed.if_revision != conn.revision) {
    return "conflict revision_differs";
  }
  const auto set = [&](bool& what, bool to, const char* refusal) -> std::string {
    if (what == to) return asked ? std::string("rejected ") + refusal : "applied gap_already_there";
    what = to;
    return "applied";
  };
  switch (deed.kind) {
    case Deed::kEdit: {
      const bool gap = deed.observed && conn.region != deed.value + 1;
      conn.region = deed.value;
      return gap ? "applied gap_before_differs" : "applied";
    }
    case Deed::kDelete:
      conn = {.deleted = true,
              .suspended = conn.suspended,
              .creator = conn.creator,
              .policy = conn.policy,
              .region = conn.region,
              .revision = conn.revision};
      return "applied";
    case Deed::kSuspend:
      return set(conn.suspended, true, "connection_suspended");
    case Deed::kResume:
      return set(conn.suspended, false, "connection_not_suspended");
    case Deed::kIssue: {
      const std::string words = set(conn.credential, true, "credential_present");
      if (words.starts_with("applied")) ++conn.issues;
      return words;
    }
    default:
      return set(conn.credential, false, "credential_missing");
  }
}

std::string AccessModel::ChangePolicy(const Deed& deed, Conn& conn) {
  const bool asked = !deed.observed;
  if (asked && !deed.manages_access && RelationIn(conn, deed.who) < Relation::kEditor) {
    return "denied editor_relation_required";
  }
  std::string words = "applied";
  const std::pair<int, Relation> grant{deed.whom, deed.relation};
  if (deed.kind == Deed::kRestore) conn.policy.reset();
  if (deed.kind == Deed::kReplace) conn.policy = {grant};
  if (deed.kind == Deed::kShare) conn.policy = {grant, {deed.who, Relation::kEditor}};
  if (deed.kind == Deed::kGrant || deed.kind == Deed::kRevoke) {
    if (!conn.policy) {
      conn.policy.emplace();
      if (asked) {  // the defaults become explicit
        conn.policy->insert({kEverybody, Relation::kViewer});
        if (conn.creator) conn.policy->insert({*conn.creator, Relation::kEditor});
      }
    }
    const bool done = deed.kind == Deed::kGrant ? conn.policy->insert(grant).second
                                                : conn.policy->erase(grant) > 0;
    if (!done && deed.observed) {
      words =
          deed.kind == Deed::kGrant ? "applied gap_already_there" : "applied gap_before_differs";
    }
  }
  const bool locked_out = asked && RelationIn(conn, deed.who) < Relation::kEditor;
  if (locked_out && !(deed.allows_lockout && deed.manages_access)) return "rejected self_lockout";
  if (asked && deed.if_revision && *deed.if_revision != conn.revision) {
    return "conflict revision_differs";
  }
  return words;
}

std::string AccessModel::Use(const Deed& deed, const Conn& conn) {
  const bool resolves = RelationIn(conn, deed.who) >= Relation::kResolver;
  if (deed.observed) return resolves ? "applied" : "applied use_without_grant";
  if (!resolves) return "denied resolver_relation_required";
  return conn.suspended ? "rejected connection_suspended" : "applied";
}

std::string AccessModel::DoToDirectory(const Deed& deed) {
  if (!deed.observed && !deed.manages_access) return "denied right_required";
  const int user = deed.whom % kUsers;
  std::set<int>& team = members_[kUsers + deed.connection];
  switch (deed.kind) {
    case Deed::kJoin:
      if (team.insert(user).second) return "applied";
      return deed.observed ? "applied gap_already_there" : "applied no_change";
    case Deed::kLeave:
      if (team.erase(user) > 0) return "applied";
      return deed.observed ? "applied gap_before_differs" : "applied no_change";
    case Deed::kDeactivate:
      return inactive_.insert(user).second ? "applied" : "applied no_change";
    default:
      return inactive_.erase(user) > 0 ? "applied" : "applied no_change";
  }
}

}  // namespace conntrail
