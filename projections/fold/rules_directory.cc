// Rules version 1: accounts, teams and roles, keys.

#include <algorithm>

#include "projections/fold/decision.h"

namespace conntrail {
namespace {

bool MemberLess(const Member& member, const Principal& principal) {
  return member.principal < principal;
}

// False if nothing was there to be done.
bool AddMember(Group& group, const Principal& principal, Place here) {
  const auto at =
      std::lower_bound(group.members.begin(), group.members.end(), principal, MemberLess);
  if (at != group.members.end() && at->principal == principal) return false;
  group.members.insert(at, {principal, here});
  return true;
}

bool RemoveMember(Group& group, const Principal& principal) {
  const auto at =
      std::lower_bound(group.members.begin(), group.members.end(), principal, MemberLess);
  if (at == group.members.end() || at->principal != principal) return false;
  group.members.erase(at);
  return true;
}

// An empty text says nothing.
void TakeText(const std::string& said, std::string& text) {
  if (!said.empty()) text = said;
}

bool AllAccounts(const std::vector<Principal>& principals) {
  return std::all_of(principals.begin(), principals.end(),
                     [](const Principal& p) { return p.is_account(); });
}

void ApplyMembers(Decision& d, const GroupChanged& action, Group& group) {
  for (const Principal& member : action.members_removed) {
    if (!RemoveMember(group, member) && d.is_observation()) d.Gap(Reason::kGapBeforeDiffers);
  }
  for (const Principal& member : action.members_added) {
    if (!AddMember(group, member, d.here) && d.is_observation()) d.Gap(Reason::kGapAlreadyThere);
  }
}

template <typename T>
void ChangeOrNote(Decision& d, const EntityKey& key, const T* known, T entity) {
  if (known != nullptr && entity == *known) {
    if (d.outcome.reason == Reason::kNone) d.outcome.reason = Reason::kNoChange;
    return;
  }
  d.Change(key, std::move(entity));
}

// Of a key that does not fit there is nothing to take over, but a source that says so shows a gap.
void RejectAndMark(Decision& d, Reason reason) {
  if (d.is_observation()) d.outcome.marks |= mark::kGap;
  d.Reject(reason);
}

}  // namespace

void FoldAccountChanged(Decision& d, const AccountChanged& action) {
  if (!action.account.is_account() || action.change == AccountChange::kUnspecified) {
    return d.Decide(Verdict::kInvalid, Reason::kInvalidField);
  }
  if (!d.RequireRight(right::kUserAccessManage)) return;
  const EntityKey key = KeyOf(action.account);
  const Account* known = d.set.Find<Account>(key);
  const bool live = known != nullptr && !known->life.deleted;
  if (!live && action.change != AccountChange::kAdded) {
    if (d.is_intent()) return d.Reject(Reason::kSubjectNotFound);
    d.Gap(Reason::kGapUnknownSubject);
  }
  if (live && action.change == AccountChange::kAdded) {
    if (d.is_intent()) return d.Reject(Reason::kSubjectExists);
    d.Gap(Reason::kGapAlreadyExists);
  }
  if (!d.RequireRevision(known == nullptr ? Revision() : known->life.revision)) return;
  Account account = known != nullptr ? *known : Account{.id = action.account};
  if (!live) {
    account.life.deleted = false;
    account.life.incomplete = action.change != AccountChange::kAdded;
    account.active = true;
  }
  if (action.manager) account.manager = action.manager;
  TakeText(action.user_name, account.user_name);
  TakeText(action.display_name, account.display_name);
  TakeText(action.email, account.email);
  TakeText(action.external_id, account.external_id);
  if (action.change == AccountChange::kReactivated) account.active = true;
  if (action.change == AccountChange::kDeactivated) account.active = false;
  if (action.change == AccountChange::kRemoved) {
    account.active = false;
    account.life.deleted = true;
  }
  ChangeOrNote(d, key, known, std::move(account));
}

void FoldGroupChanged(Decision& d, const GroupChanged& action) {
  if (!action.group.is_group() || action.change == GroupChange::kUnspecified ||
      !AllAccounts(action.members_added) || !AllAccounts(action.members_removed)) {
    return d.Decide(Verdict::kInvalid, Reason::kInvalidField);
  }
  if (!d.RequireRight(right::kUserAccessManage)) return;
  const EntityKey key = KeyOf(action.group);
  const Group* known = d.set.Find<Group>(key);
  const bool live = known != nullptr && !known->life.deleted;
  if (!live && action.change != GroupChange::kCreated) {
    if (d.is_intent()) return d.Reject(Reason::kSubjectNotFound);
    d.Gap(Reason::kGapUnknownSubject);
  }
  if (live && action.change == GroupChange::kCreated) {
    if (d.is_intent()) return d.Reject(Reason::kSubjectExists);
    d.Gap(Reason::kGapAlreadyExists);
  }
  if (!d.RequireRevision(known == nullptr ? Revision() : known->life.revision)) return;
  Group group = known != nullptr ? *known : Group{.id = action.group};
  if (!live) {
    group.life.deleted = false;
    group.life.incomplete = action.change != GroupChange::kCreated;
    group.members.clear();
  }
  TakeText(action.name, group.name);
  TakeText(action.external_id, group.external_id);
  ApplyMembers(d, action, group);
  if (group.members.size() > kGroupMembersMax) return d.Reject(Reason::kLimitReached);
  if (action.change == GroupChange::kDeleted) {
    group.life.deleted = true;
    group.members.clear();
  }
  ChangeOrNote(d, key, known, std::move(group));
}

namespace {

// Nobody gives away more than they have. That a key is registered with the actions API is no power
// of its own: who manages access decides it.
bool GivesMoreThanOwn(const Decision& d, uint64_t rights) {
  return d.is_intent() && (rights & ~d.rights() & ~right::kActionsApi) != 0;
}

}  // namespace

void FoldKeyCreated(Decision& d, const KeyCreated& action) {
  if (!d.RequireRight(right::kUserAccessManage)) return;
  if (GivesMoreThanOwn(d, action.rights)) return d.Deny(Reason::kEscalation);
  const EntityKey key = KeyOf(action.key);
  if (d.set.Find<AccessKey>(key) != nullptr) return RejectAndMark(d, Reason::kSubjectExists);
  if (!d.RequireRevision(Revision())) return;
  AccessKey created;
  created.id = action.key;
  created.kind = action.kind;
  created.name = action.name;
  created.owner = action.owner;
  created.digest = action.digest;
  created.rights = action.rights;
  created.expires_at_ms = action.expires_at_ms;
  d.Change(key, std::move(created));
}

void FoldKeyRevoked(Decision& d, const KeyRevoked& action) {
  if (!d.RequireRight(right::kUserAccessManage)) return;
  const EntityKey key = KeyOf(action.key);
  const AccessKey* known = d.set.Find<AccessKey>(key);
  if (known == nullptr || known->life.deleted) return RejectAndMark(d, Reason::kSubjectNotFound);
  if (!d.RequireRevision(known->life.revision)) return;
  AccessKey revoked = *known;
  revoked.life.deleted = true;
  d.Change(key, std::move(revoked));
}

void FoldKeyRightsChanged(Decision& d, const KeyRightsChanged& action) {
  if (!d.RequireRight(right::kUserAccessManage)) return;
  if (GivesMoreThanOwn(d, action.rights)) return d.Deny(Reason::kEscalation);
  const EntityKey key = KeyOf(action.key);
  const AccessKey* known = d.set.Find<AccessKey>(key);
  if (known == nullptr || known->life.deleted) return RejectAndMark(d, Reason::kSubjectNotFound);
  if (!d.RequireRevision(known->life.revision)) return;
  AccessKey changed = *known;
  changed.rights = action.rights;
  ChangeOrNote(d, key, known, std::move(changed));
}

}  // namespace conntrail
