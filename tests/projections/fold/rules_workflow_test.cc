#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

TEST(FoldWorkflow, OnlyAResolverPutsAConnectionIntoAStep) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.Says(Intent("carol", Save("nightly", UserNamed("carol"), {"pager"}))),
            "denied resolver_relation_required");
  EXPECT_EQ(acme.Says(Intent("bob", Save("nightly", UserNamed("bob"), {"pager"}))), "applied");
  EXPECT_EQ(acme.Says(Intent("bob", Save("weekly", UserNamed("bob"), {"ghost"}))),
            "rejected connection_not_found");
}

TEST(FoldWorkflow, AStepThatHadItBeforeMayStay) {
  OrgInMemory acme = PagerShared();
  acme.Take(Intent("bob", Save("nightly", UserNamed("bob"), {"pager"})));
  acme.Take(Intent("alice", Patch("pager", {}, {Resolver(UserNamed("bob"))})));
  WorkflowSaved renamed = Save("nightly", UserNamed("bob"), {"pager"});
  renamed.name = "nightly report";
  EXPECT_EQ(acme.Says(Intent("bob", renamed)), "applied");
  EXPECT_EQ(acme.Says(Intent("bob", Save("weekly", UserNamed("bob"), {"pager"}))),
            "denied resolver_relation_required");
}

TEST(FoldWorkflow, WhatADeletedWorkflowHadIsNotThereForWhoeverBringsItBack) {
  OrgInMemory acme = PagerShared();
  acme.Take(Intent("bob", Save("nightly", UserNamed("bob"), {"pager"})));
  acme.Take(Intent("bob", DeleteWorkflow("nightly")));
  EXPECT_EQ(acme.Says(Intent("mallory", Save("nightly", UserNamed("mallory"), {"pager"}))),
            "denied resolver_relation_required");
}

TEST(FoldWorkflow, OwnerAndEditorsChangeItOthersDoNot) {
  OrgInMemory acme;
  WorkflowSaved saved = Save("nightly", UserNamed("bob"));
  saved.editors = {UserNamed("carol")};
  acme.Take(Intent("bob", saved));
  EXPECT_EQ(acme.Says(Intent("mallory", Save("nightly", UserNamed("mallory")))),
            "denied editor_relation_required");
  EXPECT_EQ(acme.Says(Intent("mallory", DeleteWorkflow("nightly"))),
            "denied editor_relation_required");
  EXPECT_EQ(acme.Says(Intent("carol", saved)), "applied no_change");
  EXPECT_EQ(acme.Says(Intent("carol", saved).IfRevision(2)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("carol", DeleteWorkflow("nightly")).IfRevision(2)),
            "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("carol", DeleteWorkflow("nightly"))), "applied");
  EXPECT_EQ(acme.Says(Intent("carol", DeleteWorkflow("nightly"))), "rejected not_found");
}

TEST(FoldWorkflow, OneWithoutAnOwnerIsAnybodys) {
  OrgInMemory acme;
  acme.Take(Intent("bob", Save("nightly", std::nullopt)));
  EXPECT_EQ(acme.Says(Intent("carol", Save("nightly", UserNamed("carol")))), "applied");
}

TEST(FoldWorkflow, WhatASourceSavedIsTakenAsItIs) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.Says(Observation(Save("nightly", UserNamed("mallory"), {"pager", "ghost"}))),
            "applied");
  EXPECT_EQ(acme.Says(Observation(DeleteWorkflow("weekly"))), "rejected not_found +gap");
}

TEST(FoldIntegration, IsConnectedAndDisconnectedByWhoWritesConnections) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", Connect("slack")).Rights(0)), "denied right_required");
  EXPECT_EQ(acme.Says(Intent("alice", Connect("slack"))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Connect("slack"))), "applied no_change");
  EXPECT_EQ(acme.Says(Intent("alice", Connect("slack", "other")).IfRevision(0)),
            "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("alice", Disconnect("slack")).Rights(0)), "denied right_required");
  EXPECT_EQ(acme.Says(Intent("alice", Disconnect("slack")).IfRevision(7)),
            "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("alice", Disconnect("slack"))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Disconnect("slack"))), "rejected not_found");
  EXPECT_EQ(acme.Says(Observation(Disconnect("slack"))), "rejected not_found +gap");
  EXPECT_EQ(acme.Says(Intent("alice", Connect("slack"))), "applied");
}

}  // namespace
}  // namespace conntrail
