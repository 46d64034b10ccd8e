#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

std::vector<Grant> GrantsOf(const OrgInMemory& acme) {
  std::vector<Grant> grants;
  for (const HeldGrant& held : acme.connection("pager").grants) grants.push_back(held.grant);
  return grants;
}
std::vector<Grant> Sorted(std::vector<Grant> grants) {
  std::sort(grants.begin(), grants.end());
  return grants;
}

TEST(FoldPolicy, AnEditorSharesAndNobodyElseHasAnythingAfterwards) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kEditor);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("bob")), Relation::kResolver);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("carol")), Relation::kViewer);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("mallory")), Relation::kNone);
}

TEST(FoldPolicy, AResolverCannotMakeItselfEditor) {
  OrgInMemory acme = PagerShared();
  const Grant more = Editor(UserNamed("bob"));
  EXPECT_EQ(acme.Says(Intent("bob", Patch("pager", {more}))), "denied editor_relation_required");
  EXPECT_EQ(acme.Says(Intent("bob", Replace("pager", {more}))), "denied editor_relation_required");
  EXPECT_EQ(acme.Says(Intent("bob", RestoreDefault("pager"))), "denied editor_relation_required");
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("bob")), Relation::kResolver);
}

TEST(FoldPolicy, WhoManagesAccessMakesItselfEditorWithoutBeingOne) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(
      acme.Says(Intent("root", Patch("pager", {Editor(UserNamed("root"))})).Rights(kAdminRights)),
      "applied");
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("root")), Relation::kEditor);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kEditor);
}

TEST(FoldPolicy, NobodyLocksThemselvesOutByMistake) {
  OrgInMemory acme = PagerShared();
  const std::vector<Grant> before = GrantsOf(acme);
  const Grant own = Editor(UserNamed("alice"));
  EXPECT_EQ(acme.Says(Intent("alice", Patch("pager", {}, {own}))), "rejected self_lockout");
  EXPECT_EQ(acme.Says(Intent("alice", Replace("pager", {Editor(UserNamed("bob"))}))),
            "rejected self_lockout");
  PolicyPatched on_purpose = Patch("pager", {}, {own});
  on_purpose.allow_self_lockout = true;
  EXPECT_EQ(acme.Says(Intent("alice", on_purpose)), "rejected self_lockout")
      << "on purpose only with the right to manage access";
  EXPECT_EQ(GrantsOf(acme), before);
  EXPECT_EQ(acme.Says(Intent("alice", on_purpose).Rights(kAdminRights)), "applied");
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kNone);
}

TEST(FoldPolicy, AnEditorThroughATeamMayGiveUpTheDirectGrant) {
  OrgInMemory acme = PagerShared();
  acme.Take(Observation(NewGroup(TeamNamed("sre"), {UserNamed("alice")})));
  EXPECT_EQ(acme.Says(Intent(
                "alice", Patch("pager", {Editor(TeamNamed("sre"))}, {Editor(UserNamed("alice"))}))),
            "applied");
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kEditor);
}

TEST(FoldPolicy, ATeamThatIsGoneProtectsNobodyFromLockingThemselvesOut) {
  OrgInMemory acme = PagerShared();
  acme.Take(Observation(NewGroup(TeamNamed("sre"), {UserNamed("alice")})));
  acme.Take(Observation(DeleteGroup(TeamNamed("sre"))));
  EXPECT_EQ(acme.Says(Intent("alice", Replace("pager", {Editor(TeamNamed("sre"))}))),
            "rejected self_lockout");
}

TEST(FoldPolicy, OnlyTheCreatorCanRestoreTheDefaultWithoutLockingThemselvesOut) {
  OrgInMemory acme = PagerShared();
  acme.Take(Intent("alice", Patch("pager", {Editor(UserNamed("bob"))})));
  EXPECT_EQ(acme.Says(Intent("bob", RestoreDefault("pager"))), "rejected self_lockout");
  EXPECT_EQ(acme.Says(Intent("alice", RestoreDefault("pager"))), "applied");
  EXPECT_FALSE(acme.connection("pager").has_policy);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("mallory")), Relation::kViewer);
  EXPECT_EQ(acme.Says(Intent("alice", RestoreDefault("pager"))), "applied no_change");
}

TEST(FoldPolicy, APatchOfTheDefaultByIntentAddsToWhatIsInForce) {
  OrgInMemory acme = PagerOfAlice();
  acme.now_ms += kHourMs;
  EXPECT_EQ(acme.Says(Intent("alice", Patch("pager", {Resolver(UserNamed("bob"))}))), "applied");
  EXPECT_EQ(GrantsOf(acme), Sorted({Viewer(EverybodyAtAcme()), Resolver(UserNamed("bob")),
                                    Editor(UserNamed("alice"))}));
  for (const HeldGrant& held : acme.connection("pager").grants) {
    const bool is_new = held.grant == Resolver(UserNamed("bob"));
    EXPECT_EQ(held.since.time_ms, is_new ? kNoonMs + kHourMs : kNoonMs)
        << "the defaults have held since the creation";
  }
}

TEST(FoldPolicy, APatchOfTheDefaultByASourceBeginsWithNobody) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Observation(Patch("pager", {Resolver(UserNamed("bob"))}))), "applied");
  EXPECT_EQ(GrantsOf(acme), std::vector<Grant>{Resolver(UserNamed("bob"))});
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kNone);
}

TEST(FoldPolicy, AGrantThatIsHeldAlreadyKeepsItsAge) {
  OrgInMemory acme = PagerShared();
  acme.now_ms += kHourMs;
  acme.Take(
      Intent("alice", Replace("pager", {Editor(UserNamed("alice")), Viewer(UserNamed("bob"))})));
  for (const HeldGrant& held : acme.connection("pager").grants) {
    const bool is_new = held.grant == Viewer(UserNamed("bob"));
    EXPECT_EQ(held.since.time_ms, is_new ? kNoonMs + kHourMs : kNoonMs);
  }
}

TEST(FoldPolicy, WhatASourceTakesOrGivesThatIsNotSoIsMarked) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.Says(Observation(Patch("pager", {Resolver(UserNamed("bob"))}))),
            "applied gap_already_there +gap");
  EXPECT_EQ(acme.Says(Observation(Patch("pager", {}, {Resolver(UserNamed("mallory"))}))),
            "applied gap_before_differs +gap");
  EXPECT_EQ(acme.connection("pager").life.revision, Revision(2));
  EXPECT_EQ(acme.Says(Intent("alice", Patch("pager", {}, {Resolver(UserNamed("mallory"))}))),
            "applied no_change")
      << "an intent that finds nothing to do is no gap";
}

TEST(FoldPolicy, GrantsOfAConnectionAreLimited) {
  OrgInMemory acme = PagerShared();
  std::vector<Grant> many = {Editor(UserNamed("alice"))};
  for (uint64_t i = 1; i <= kPolicyGrantsMax; ++i) many.push_back(Viewer(Principal::User({7, i})));
  EXPECT_EQ(acme.Says(Intent("alice", Replace("pager", many))), "rejected limit_reached");
  many.pop_back();
  EXPECT_EQ(acme.Says(Intent("alice", Replace("pager", many))), "applied");
}

TEST(FoldPolicy, AnotherOrgsIdIsNotEverybodyHere) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Intent("alice", Replace("pager", {Editor(UserNamed("alice")),
                                              Editor(Principal::Org(OrgNamed("evil")))})));
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("mallory")), Relation::kNone);
}

TEST(FoldPolicy, ItsRevisionIsTheConnections) {
  OrgInMemory acme = PagerShared();
  const PolicyPatched patch = Patch("pager", {Viewer(UserNamed("dora"))});
  EXPECT_EQ(acme.Says(Intent("alice", patch).IfRevision(1)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("alice", patch).IfRevision(2)), "applied");
}

TEST(FoldUse, AResolverUsesItAViewerDoesNot) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.Says(Intent("bob", Using("pager", UserNamed("bob")))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Using("pager", UserNamed("alice")))), "applied");
  EXPECT_EQ(acme.Says(Intent("carol", Using("pager", UserNamed("carol")))),
            "denied resolver_relation_required");
  EXPECT_EQ(acme.Says(Intent("bob", Using("pager")).Rights(right::kConnectionsRead)),
            "denied right_required");
  EXPECT_EQ(acme.use("pager", UserNamed("bob"))->count, 1);
  EXPECT_EQ(acme.use("pager", UserNamed("carol")), nullptr);
}

TEST(FoldUse, ASuspendedConnectionCannotBeUsed) {
  OrgInMemory acme = PagerShared();
  acme.Take(Intent("alice", Suspend("pager")));
  EXPECT_EQ(acme.Says(Intent("bob", Using("pager", UserNamed("bob")))),
            "rejected connection_suspended");
  acme.Take(Intent("alice", Resume("pager")));
  EXPECT_EQ(acme.Says(Intent("bob", Using("pager", UserNamed("bob")))), "applied");
}

TEST(FoldUse, AUseThatASourceSawWithoutAGrantIsCountedAndSaid) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.Says(Observation(Using("pager", UserNamed("mallory"), 3))),
            "applied use_without_grant");
  EXPECT_EQ(acme.Says(Observation(Using("pager", UserNamed("bob"), 5))), "applied");
  EXPECT_EQ(acme.Says(Observation(Using("pager", std::nullopt, 7))), "applied");
  EXPECT_EQ(acme.use("pager", UserNamed("mallory"))->without_grant, 3);
  EXPECT_EQ(acme.use("pager", UserNamed("bob"))->without_grant, 0);
  EXPECT_EQ(acme.use("pager", std::nullopt)->count, 7);
}

TEST(FoldUse, AnObservedUserIsJudgedByTheirTeamsToo) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(Observation(NewGroup(TeamNamed("sre"), {UserNamed("dora")})));
  acme.Take(Intent("alice", Patch("pager", {Resolver(TeamNamed("sre"))})));
  EXPECT_EQ(acme.Says(Observation(Using("pager", UserNamed("dora")))), "applied");
  acme.Take(Observation(Leave(TeamNamed("sre"), {UserNamed("dora")})));
  EXPECT_EQ(acme.Says(Observation(Using("pager", UserNamed("dora")))), "applied use_without_grant");
}

TEST(FoldUse, UsesOfOnePrincipalAddUpAndKeepFirstAndLast) {
  OrgInMemory acme = PagerShared();
  ConnectionUsed early = Using("pager", UserNamed("bob"), 2);
  early.first_at_ms = kNoonMs - 10 * kHourMs;
  early.last_at_ms = kNoonMs - 5 * kHourMs;
  early.mode = UseMode::kAutomatic;
  acme.Take(Intent("bob", Using("pager", UserNamed("bob"))));
  acme.Take(Observation(early));
  const Use* use = acme.use("pager", UserNamed("bob"));
  EXPECT_EQ(use->count, 3);
  EXPECT_EQ(use->automatic, 2);
  EXPECT_EQ(use->first_at_ms, *early.first_at_ms);
  EXPECT_EQ(use->last_at_ms, kNoonMs);
}

TEST(FoldUse, DoesNotChangeTheConnection) {
  OrgInMemory acme = PagerShared();
  const Connection before = acme.connection("pager");
  EXPECT_EQ(acme.Take(Observation(Using("pager", UserNamed("bob")))).revision, Revision(2));
  EXPECT_EQ(acme.connection("pager"), before);
}

}  // namespace
}  // namespace conntrail
