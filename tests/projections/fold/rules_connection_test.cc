#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

std::string TextAt(const Connection& connection, std::string_view path) {
  const FieldValue* value = FindField(connection.fields, path);
  return value == nullptr ? "(absent)" : std::get<std::string>(*value);
}

TEST(FoldConnectionCreated, ItsCreatorIsEditorAndTheRestOfTheOrgViewer) {
  OrgInMemory acme;
  const Outcome outcome = acme.Take(Intent("alice", Create("pager")));

  EXPECT_EQ(Words(outcome), "applied");
  EXPECT_EQ(outcome.revision, Revision(1));
  EXPECT_EQ(outcome.slot, 1);
  EXPECT_EQ(acme.connection("pager").name(), "pager");
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kEditor);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("bob")), Relation::kViewer);
}

TEST(FoldConnectionCreated, NeedsANameThatCanBeRead) {
  OrgInMemory acme;
  for (const FieldValue& name : {FieldValue(), FieldValue(""), FieldValue(true), FieldValue("a\nb"),
                                 FieldValue("\x7F"), FieldValue(std::string(256, 'n'))}) {
    ConnectionCreated unnamed = Create("pager");
    SetField(unnamed.fields, "name", name);
    EXPECT_EQ(acme.Says(Intent("alice", unnamed)), "invalid name_required");
  }
  ConnectionCreated longest = Create("pager");
  SetField(longest.fields, "name", std::string(255, 'n'));
  EXPECT_EQ(acme.Says(Intent("alice", longest)), "applied");
}

TEST(FoldConnectionCreated, AnIdIsNeverUsedAgainEvenAfterItsConnectionIsDeleted) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Intent("mallory", Create("pager"))), "rejected connection_exists");
  acme.Take(Intent("alice", Delete("pager")));
  EXPECT_EQ(acme.Says(Intent("mallory", Create("pager"))), "rejected connection_exists");
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("mallory")), Relation::kViewer);
}

TEST(FoldConnectionCreated, NeedsTheRightToWriteConnections) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", Create("pager")).Rights(right::kConnectionsRead)),
            "denied right_required");
  EXPECT_EQ(acme.org.connection_slots, 0);
}

TEST(FoldConnectionCreated, AnExpectedRevisionOtherThanNoneIsAConflict) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", Create("pager")).IfRevision(1)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("alice", Create("pager")).IfRevision(0)), "applied");
}

TEST(FoldConnectionCreated, SeenAgainFromASourceItIsMarkedAndTheOldGrantsEnd) {
  OrgInMemory acme = PagerShared();
  const Outcome outcome = acme.Take(Observation(Create("pager")).By(UserNamed("dora")));

  EXPECT_EQ(Words(outcome), "applied gap_already_exists +gap");
  EXPECT_EQ(outcome.slot, 1) << "keeps its slot";
  EXPECT_FALSE(outcome.takes_slot);
  EXPECT_EQ(outcome.revision, Revision(3)) << "its history goes on";
  EXPECT_FALSE(acme.connection("pager").has_policy);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("bob")), Relation::kViewer);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("dora")), Relation::kEditor);
}

TEST(FoldConnectionCreated, SeenFromASourceThatNamesNobodyItHasNoEditor) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Observation(Create("pager"))), "applied");
  EXPECT_EQ(acme.connection("pager").created_by, std::nullopt);
  EXPECT_EQ(acme.RelationOf("pager", UserNamed("alice")), Relation::kViewer);
}

TEST(FoldConnectionEdited, AnEditorChangesAFieldAndOnlyThat) {
  OrgInMemory acme = PagerShared();
  const Connection before = acme.connection("pager");
  const Outcome outcome = acme.Take(Intent("alice", Edit("pager", "region", "eu")));

  EXPECT_EQ(Words(outcome), "applied");
  Connection expected = before;
  SetField(expected.fields, "region", "eu");
  expected.life.revision = Revision(3);
  expected.life.changed = {kNoonMs, OrgIndex(2)};
  EXPECT_EQ(acme.connection("pager"), expected) << "grants, credential and slot stay as they were";
}

TEST(FoldConnectionEdited, WhoeverMayOnlyUseOrViewItIsDeniedAndNothingChanges) {
  OrgInMemory acme = PagerShared();
  const Connection before = acme.connection("pager");
  for (const char* user : {"bob", "carol", "mallory"}) {
    EXPECT_EQ(acme.Says(Intent(user, Edit("pager", "region", "eu"))),
              "denied editor_relation_required");
  }
  EXPECT_EQ(acme.connection("pager"), before);
}

TEST(FoldConnectionEdited, AnEditThatChangesNothingIsRecordedAsSuch) {
  OrgInMemory acme = PagerOfAlice();
  const Outcome outcome = acme.Take(Intent("alice", Edit("pager", "name", "pager")));
  EXPECT_EQ(Words(outcome), "applied no_change");
  EXPECT_EQ(outcome.revision, Revision(1));
  EXPECT_TRUE(outcome.changes.empty());
}

TEST(FoldConnectionEdited, TheIntegrationTypeIsFixedForEver) {
  OrgInMemory acme;
  acme.Take(Intent("alice", Create("pager", {{"integration.type", "PagerDuty"}})));
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "integration.type", "Slack"))),
            "rejected integration_type_fixed");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "integration.type", {}))),
            "rejected integration_type_fixed");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "integration.type", "PagerDuty"))),
            "applied no_change");
}

TEST(FoldConnectionEdited, TheNameCannotBeTakenAway) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "name", {}))), "invalid name_required");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "name", ""))), "invalid name_required");
  EXPECT_EQ(acme.connection("pager").name(), "pager");
}

TEST(FoldConnectionEdited, WhatASourceBroughtWithoutANameCanStillBeEdited) {
  OrgInMemory acme;
  acme.Take(Observation(Edit("pager", "region", "eu", "us")));
  acme.Take(Observation(Patch("pager", {Editor(UserNamed("alice"))})));
  EXPECT_EQ(acme.connection("pager").name(), "");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "us"))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "name", ""))), "invalid name_required");
}

TEST(FoldConnectionEdited, OfTwoEditorsWithTheSameRevisionTheSecondIsInConflict) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "eu")).IfRevision(1)), "applied");
  const Outcome second = acme.Take(Intent("alice", Edit("pager", "region", "us")).IfRevision(1));
  EXPECT_EQ(Words(second), "conflict revision_differs");
  EXPECT_EQ(second.revision, Revision(2)) << "the outcome tells the revision there is";
  EXPECT_EQ(TextAt(acme.connection("pager"), "region"), "eu");
}

TEST(FoldConnectionEdited, ASourceWhoseBeforeIsNotOurStateIsAppliedAndMarked) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Observation(Edit("pager", "region", "eu", {}))), "applied");
  EXPECT_EQ(acme.Says(Observation(Edit("pager", "region", "us", "ap"))),
            "applied gap_before_differs +gap");
  EXPECT_EQ(TextAt(acme.connection("pager"), "region"), "us");
  EXPECT_EQ(acme.Says(Observation(Edit("pager", "region", "us", {}))),
            "applied gap_before_differs +gap")
      << "also where nothing is left to change";
  EXPECT_EQ(acme.connection("pager").life.revision, Revision(3));
}

TEST(FoldConnectionEdited, OfWhatWasNeverSeenCreatedIsKeptAsFarAsItGoes) {
  OrgInMemory acme;
  const Outcome outcome =
      acme.Take(Observation(Edit("ghost", "region", "eu", "us")).By(UserNamed("mallory")));
  EXPECT_EQ(Words(outcome), "applied gap_unknown_subject +gap");
  EXPECT_TRUE(outcome.takes_slot);
  EXPECT_TRUE(acme.connection("ghost").life.incomplete);
  EXPECT_EQ(TextAt(acme.connection("ghost"), "region"), "eu");
  EXPECT_EQ(acme.RelationOf("ghost", UserNamed("mallory")), Relation::kViewer)
      << "whoever edits is not therefore the creator";
}

TEST(FoldConnectionEdited, AnIntentOfTheSameIsRejected) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", Edit("ghost", "region", "eu"))),
            "rejected connection_not_found");
  EXPECT_EQ(acme.org.connection_slots, 0);
}

TEST(FoldConnectionEdited, BeyondTheLimitOfFieldsItIsRejectedWhole) {
  OrgInMemory acme = PagerOfAlice();
  ConnectionEdited many{.connection = ConnectionNamed("pager")};
  for (size_t i = 0; i < kConnectionFieldsMax; ++i) {
    many.changes.push_back({"field." + std::to_string(1000 + i), {}, true});
  }
  EXPECT_EQ(acme.Says(Intent("alice", many)), "rejected limit_reached") << "one is the name";
  EXPECT_EQ(acme.connection("pager").fields.size(), 1);
  many.changes.pop_back();
  EXPECT_EQ(acme.Says(Intent("alice", many)), "applied");
}

TEST(FoldConnectionDeleted, GrantsAndCredentialEndAndTheFieldsStayToBeRead) {
  OrgInMemory acme = PagerShared();
  acme.Take(Intent("alice", Issue("pager", "s3cret")));
  EXPECT_EQ(acme.Says(Intent("alice", Delete("pager"))), "applied");

  const Connection& deleted = acme.connection("pager");
  EXPECT_TRUE(deleted.life.deleted);
  EXPECT_TRUE(deleted.grants.empty());
  EXPECT_TRUE(EffectiveGrants(deleted, Acme()).empty());
  EXPECT_FALSE(deleted.credential.present);
  EXPECT_EQ(deleted.name(), "pager");
  EXPECT_EQ(acme.Says(Intent("alice", Delete("pager"))), "rejected connection_not_found");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "eu"))),
            "rejected connection_not_found");
}

TEST(FoldConnectionDeleted, AViewerIsDeniedAndNothingChanges) {
  OrgInMemory acme = PagerShared();
  const Outcome outcome = acme.Take(Intent("carol", Delete("pager")));
  EXPECT_EQ(Words(outcome), "denied editor_relation_required");
  EXPECT_TRUE(outcome.changes.empty());
}

TEST(FoldConnectionDeleted, ASourceWhoseLastStateIsNotOursIsMarked) {
  OrgInMemory acme = PagerOfAlice();
  ConnectionDeleted action = Delete("pager");
  action.last_fields = {{"name", "another name"}};
  EXPECT_EQ(acme.Says(Observation(action)), "applied gap_before_differs +gap");
  EXPECT_EQ(acme.Says(Observation(action)), "rejected connection_not_found +gap");
}

TEST(FoldConnectionSuspended, OnlyWhatIsNotSuspendedCanBeAndBack) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Intent("alice", Resume("pager"))), "rejected connection_not_suspended");
  EXPECT_EQ(acme.Says(Intent("bob", Suspend("pager"))), "denied editor_relation_required");
  EXPECT_EQ(acme.Says(Intent("alice", Suspend("pager"))), "applied");
  EXPECT_EQ(acme.Says(Intent("alice", Suspend("pager"))), "rejected connection_suspended");
  EXPECT_EQ(acme.Says(Observation(Suspend("pager"))), "applied gap_already_there +gap");
  EXPECT_EQ(acme.Says(Intent("alice", Resume("pager")).IfRevision(1)), "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("alice", Resume("pager")).IfRevision(2)), "applied");
  EXPECT_FALSE(acme.connection("pager").suspended);
}

}  // namespace
}  // namespace conntrail
