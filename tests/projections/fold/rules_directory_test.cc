#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

EventBuilder Admin(Action action) {
  EventBuilder builder = Intent("root", std::move(action));
  builder.Rights(kAdminRights);
  return builder;
}

const Group* GroupOf(const OrgInMemory& acme, const Principal& group) {
  return acme.Find<Group>(KeyOf(group));
}

TEST(FoldAccount, WhoeverIsDeactivatedMayDoNothingUntilReactivated) {
  OrgInMemory acme = PagerOfAlice();
  const Principal alice = UserNamed("alice");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(alice, AccountChange::kAdded))), "applied");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(alice, AccountChange::kDeactivated))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "eu"))), "denied account_inactive");
  EXPECT_EQ(acme.Says(Intent("alice", Using("pager", alice))), "denied account_inactive");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(alice, AccountChange::kReactivated))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "eu"))), "applied");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(alice, AccountChange::kRemoved))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "us"))), "denied account_inactive");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(alice, AccountChange::kAdded))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "us"))), "applied");
}

TEST(FoldAccount, OnlyWhoManagesAccessChangesAccounts) {
  OrgInMemory acme;
  EXPECT_EQ(
      acme.Says(Intent("alice", ChangeAccount(UserNamed("bob"), AccountChange::kDeactivated))),
      "denied right_required");
}

TEST(FoldAccount, AnIntentMustFitAndASourceIsMarkedWhereItDoesNot) {
  OrgInMemory acme;
  const Principal bob = UserNamed("bob");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(bob, AccountChange::kDeactivated))),
            "rejected not_found");
  EXPECT_EQ(acme.Says(Observation(ChangeAccount(bob, AccountChange::kDeactivated))),
            "applied gap_unknown_subject +gap");
  EXPECT_TRUE(acme.Find<Account>(KeyOf(bob))->life.incomplete);
  EXPECT_FALSE(acme.Find<Account>(KeyOf(bob))->active);
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(bob, AccountChange::kAdded))), "rejected exists");
  EXPECT_EQ(acme.Says(Observation(ChangeAccount(bob, AccountChange::kAdded))),
            "applied gap_already_exists +gap");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(bob, AccountChange::kDeactivated))), "applied no_change");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(bob, AccountChange::kReactivated)).IfRevision(7)),
            "conflict revision_differs");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(TeamNamed("sre"), AccountChange::kAdded))),
            "invalid invalid_field");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(bob, AccountChange::kUnspecified))),
            "invalid invalid_field");
}

TEST(FoldAccount, AUserIdAndAServiceAccountIdNameTheSameAccount) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Intent("alice", Patch("pager", {Resolver(UserNamed("robot"))})));
  EXPECT_EQ(acme.Says(Intent("x", Using("pager")).By(ServiceNamed("robot"))), "applied");
  acme.Take(Observation(ChangeAccount(ServiceNamed("robot"), AccountChange::kRemoved)));
  EXPECT_EQ(acme.Says(Intent("robot", Using("pager"))), "denied account_inactive");
}

TEST(FoldAccount, WhatItIsCalledStaysUntilSomebodySaysOtherwise) {
  OrgInMemory acme;
  const Principal bob = UserNamed("bob");
  AccountChanged added = ChangeAccount(bob, AccountChange::kAdded);
  added.user_name = "bob@acme.example";
  added.display_name = "Bob";
  added.external_id = "00u17";
  EXPECT_EQ(acme.Says(Admin(added)), "applied");
  EXPECT_EQ(acme.Says(Admin(ChangeAccount(bob, AccountChange::kDeactivated))), "applied");
  AccountChanged renamed = ChangeAccount(bob, AccountChange::kChanged);
  renamed.display_name = "Robert";
  renamed.email = "robert@acme.example";
  EXPECT_EQ(acme.Says(Admin(renamed)), "applied");
  EXPECT_EQ(acme.Says(Admin(renamed)), "applied no_change");
  const Account* account = acme.Find<Account>(KeyOf(bob));
  EXPECT_EQ(account->user_name, "bob@acme.example");
  EXPECT_EQ(account->display_name, "Robert");
  EXPECT_EQ(account->email, "robert@acme.example");
  EXPECT_EQ(account->external_id, "00u17");
  EXPECT_FALSE(account->active);

  GroupChanged group = NewGroup(TeamNamed("sre"));
  group.external_id = "00g3";
  EXPECT_EQ(acme.Says(Admin(group)), "applied");
  EXPECT_EQ(acme.Says(Admin(Join(TeamNamed("sre"), {bob}))), "applied");
  EXPECT_EQ(GroupOf(acme, TeamNamed("sre"))->external_id, "00g3");
}

TEST(FoldGroup, WhatItsMembersMayEndsWhenTheyLeaveOrItIsDeleted) {
  OrgInMemory acme = PagerOfAlice();
  const Principal sre = TeamNamed("sre");
  acme.Take(Admin(NewGroup(sre, {UserNamed("bob"), UserNamed("carol")})));
  acme.Take(Intent("alice", Patch("pager", {Resolver(sre)}, {Viewer(EverybodyAtAcme())})));
  EXPECT_EQ(acme.Says(Intent("bob", Using("pager"))), "applied");
  acme.Take(Admin(Leave(sre, {UserNamed("bob")})));
  EXPECT_EQ(acme.Says(Intent("bob", Using("pager"))), "denied resolver_relation_required");
  EXPECT_EQ(acme.Says(Intent("carol", Using("pager"))), "applied");
  acme.Take(Admin(DeleteGroup(sre)));
  EXPECT_EQ(acme.Says(Intent("carol", Using("pager"))), "denied resolver_relation_required");
  acme.Take(Admin(NewGroup(sre)));
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("carol")), Relation::kNone)
      << "a group made anew has none of its old members";
}

TEST(FoldGroup, ARoleCountsAsATeamDoes) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Admin(NewGroup(RoleNamed("ops"), {UserNamed("bob")})));
  acme.Take(Intent("alice", Patch("pager", {Editor(RoleNamed("ops"))})));
  EXPECT_EQ(acme.Says(Intent("bob", Delete("pager"))), "applied");
}

TEST(FoldGroup, NobodyJoinsATeamByThemselves) {
  OrgInMemory acme;
  acme.Take(Admin(NewGroup(TeamNamed("sre"))));
  EXPECT_EQ(acme.Says(Intent("mallory", Join(TeamNamed("sre"), {UserNamed("mallory")}))),
            "denied right_required");
}

TEST(FoldGroup, AnIntentMustFitAndASourceIsMarkedWhereItDoesNot) {
  OrgInMemory acme;
  const Principal sre = TeamNamed("sre");
  const Principal bob = UserNamed("bob");
  EXPECT_EQ(acme.Says(Admin(Join(sre, {bob}))), "rejected not_found");
  EXPECT_EQ(acme.Says(Observation(Join(sre, {bob}))), "applied gap_unknown_subject +gap");
  EXPECT_TRUE(GroupOf(acme, sre)->life.incomplete);
  EXPECT_EQ(acme.Says(Admin(NewGroup(sre))), "rejected exists");
  EXPECT_EQ(acme.Says(Observation(NewGroup(sre, {bob}))), "applied gap_already_there +gap");
  EXPECT_EQ(acme.Says(Observation(Leave(sre, {UserNamed("carol")}))),
            "applied gap_before_differs +gap");
  EXPECT_EQ(acme.Says(Admin(Join(sre, {bob}))), "applied no_change");
  EXPECT_EQ(acme.Says(Admin(Leave(sre, {bob})).IfRevision(9)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Admin(Join(sre, {TeamNamed("dev")}))), "invalid invalid_field")
      << "groups hold accounts only";
  EXPECT_EQ(acme.Says(Admin(Leave(bob, {bob}))), "invalid invalid_field");
}

TEST(FoldGroup, MembersAreLimited) {
  OrgInMemory acme;
  GroupChanged join = NewGroup(TeamNamed("sre"));
  for (uint64_t i = 0; i < kGroupMembersMax; ++i) {
    join.members_added.push_back(Principal::User({9, i + 1}));
  }
  EXPECT_EQ(acme.Says(Admin(join)), "applied");
  EXPECT_EQ(acme.Says(Admin(Join(TeamNamed("sre"), {UserNamed("one more")}))),
            "rejected limit_reached");
  EXPECT_EQ(GroupOf(acme, TeamNamed("sre"))->members.size(), kGroupMembersMax);
}

TEST(FoldKey, NobodyGivesAKeyMoreThanTheyHave) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", NewKey("ci", kWorkRights))), "denied right_required");
  EXPECT_EQ(acme.Says(Admin(NewKey("ci", kAdminRights | right::kOperator))),
            "denied rights_beyond_own");
  EXPECT_EQ(acme.Says(Admin(NewKey("ci", kWorkRights))), "applied");
  EXPECT_EQ(acme.Says(Admin(ChangeKey("ci", kWorkRights | right::kBackfill))),
            "denied rights_beyond_own");
  EXPECT_EQ(acme.Says(Admin(ChangeKey("ci", kAdminRights))), "applied");
  EXPECT_EQ(acme.Says(Admin(ChangeKey("ci", kAdminRights))), "applied no_change");
}

TEST(FoldKey, WhoActsThroughAKeyHasItsRightsOfThisMomentAtMost) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Admin(NewKey("ci", kAdminRights)));
  const auto by_key = [](Action action) {
    EventBuilder builder = Intent("alice", std::move(action));
    builder.Rights(kAdminRights).ApplicationKey("ci");
    return builder;
  };
  EXPECT_EQ(acme.Says(by_key(Edit("pager", "region", "eu"))), "applied");
  acme.Take(Admin(ChangeKey("ci", right::kUserAccessManage)));
  EXPECT_EQ(acme.Says(by_key(Edit("pager", "region", "us"))), "denied right_required")
      << "although the door saw more";
  EXPECT_EQ(acme.Says(by_key(NewKey("child", kWorkRights))), "denied rights_beyond_own")
      << "a key hands on no more than it has itself";
  acme.Take(Admin(RevokeKey("ci")));
  EXPECT_EQ(acme.Says(by_key(Edit("pager", "region", "us"))), "denied key_revoked");
}

TEST(FoldKey, AnExpiredKeyIsAsGoodAsRevoked) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Admin(NewKey("ci", kWorkRights, kNoonMs + kHourMs)));
  acme.now_ms = kNoonMs + kHourMs - 1;
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "eu")).ApplicationKey("ci")),
            "applied");
  acme.now_ms = kNoonMs + kHourMs;
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "us")).ApplicationKey("ci")),
            "denied key_revoked");
}

TEST(FoldKey, IsCreatedOnceAndRevokedOnce) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Admin(RevokeKey("ci"))), "rejected not_found");
  EXPECT_EQ(acme.Says(Admin(ChangeKey("ci", 0))), "rejected not_found");
  EXPECT_EQ(acme.Says(Admin(NewKey("ci", 0)).IfRevision(1)), "conflict revision_differs");
  acme.Take(Admin(NewKey("ci", kWorkRights)));
  EXPECT_EQ(acme.Says(Admin(NewKey("ci", 0))), "rejected exists");
  EXPECT_EQ(acme.Says(Admin(RevokeKey("ci")).IfRevision(2)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Admin(ChangeKey("ci", 0)).IfRevision(2)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Admin(RevokeKey("ci"))), "applied");
  EXPECT_EQ(acme.Says(Admin(RevokeKey("ci"))), "rejected not_found");
  EXPECT_EQ(acme.Says(Admin(NewKey("ci", 0))), "rejected exists")
      << "a key's id is its own for ever";
  EXPECT_EQ(acme.Says(Intent("alice", RevokeKey("ci"))), "denied right_required");
}

TEST(FoldKey, WhatASourceReportsOfAKeyThatDoesNotFitIsAGap) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Observation(RevokeKey("ci"))), "rejected not_found +gap");
  EXPECT_EQ(acme.Says(Observation(ChangeKey("ci", 0))), "rejected not_found +gap");
  EXPECT_EQ(acme.Says(Observation(NewKey("ci", 0))), "applied");
  EXPECT_EQ(acme.Says(Observation(NewKey("ci", kWorkRights))), "rejected exists +gap");
}

}  // namespace
}  // namespace conntrail
