#include "projections/fold/fold.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

EventBuilder EditPager(FieldValue region) {
  return Intent("alice", Edit("pager", "region", std::move(region)));
}

// ---- which org

TEST(FoldRouting, AnEventOfAnOrgThatWasNotOpenedGoesToTheSystemOrg) {
  OrgInMemory acme;
  const Outcome outcome = acme.Take(Intent("alice", Create("pager")).Org(OrgNamed("globex")));
  EXPECT_EQ(Words(outcome), "misrouted org_not_opened");
  EXPECT_EQ(outcome.subject, EntityKey()) << "nobody's history";
  EXPECT_EQ(acme.system.next_index, OrgIndex(1));
  EXPECT_EQ(acme.org.next_index, OrgIndex(0));
}

TEST(FoldRouting, AnOrgIsOpenedOnceWithANameAndOnlyByTheLog) {
  OrgInMemory acme;
  const OrgId globex = OrgNamed("globex");
  EXPECT_EQ(acme.Take(OfTheLog(OrgOpened{"Globex"}).Org(globex)).opens_org, "Globex");
  EXPECT_EQ(acme.Says(OfTheLog(OrgOpened{"Acme again"})), "rejected org_exists");
  EXPECT_EQ(acme.Says(OfTheLog(OrgOpened{""}).Org(globex)), "invalid invalid_field");
  EXPECT_EQ(acme.Says(OfTheLog(OrgOpened{"_system"}).Org({})), "rejected org_exists");
  const Outcome asked = acme.Take(Intent("alice", OrgOpened{"Globex"}).Org(globex));
  EXPECT_EQ(Words(asked), "invalid authority_not_allowed");
  EXPECT_EQ(asked.opens_org, std::nullopt);
}

// ---- what the log says of itself

TEST(FoldOfTheLog, NobodyElseSaysWhatOnlyTheLogMaySay) {
  OrgInMemory acme;
  for (const Action& action :
       {Action(OrgOpened{"x"}), Action(RulesActivated{RulesVersion(2)}), Action(Seal{})}) {
    EXPECT_EQ(acme.Says(Intent("root", action).Rights(right::kAll)),
              "invalid authority_not_allowed");
    EXPECT_EQ(acme.Says(Observation(action)), "invalid authority_not_allowed");
  }
  EXPECT_EQ(acme.Says(OfTheLog(Create("pager"))), "invalid authority_not_allowed");
  EXPECT_EQ(acme.Says(EventBuilder(Authority::kUnspecified, Create("pager"))),
            "invalid authority_not_allowed");
  EXPECT_EQ(acme.partition.rules, RulesVersion(1));
}

TEST(FoldOfTheLog, RulesOnlyGoForward) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(OfTheLog(RulesActivated{RulesVersion(1)}).Org({})),
            "rejected rules_not_newer");
  EXPECT_EQ(acme.Says(OfTheLog(RulesActivated{RulesVersion(0)}).Org({})),
            "rejected rules_not_newer");
  EXPECT_EQ(acme.Says(OfTheLog(RulesActivated{RulesVersion(2)})), "misrouted org_not_opened");
  const Outcome outcome = Fold(
      [&] {
        WorkingSet set;
        set.org = set.system = &acme.system;
        return set;
      }(),
      OfTheLog(RulesActivated{RulesVersion(2)}).Org({}));
  EXPECT_EQ(outcome.activates_rules, RulesVersion(2));
}

TEST(FoldOfTheLog, SealsKeepTheirDistanceInTheLogsTime) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(OfTheLog(Seal{}).Org({})), "applied") << "the first may come at any time";
  acme.now_ms += kSealIntervalMs - 1;
  EXPECT_EQ(acme.Says(OfTheLog(Seal{}).Org({})), "rejected seal_too_early");
  acme.now_ms += 1;
  EXPECT_EQ(acme.Says(OfTheLog(Seal{}).Org({})), "applied");
  EXPECT_EQ(acme.partition.seals, 2);
  EXPECT_EQ(acme.Says(OfTheLog(Seal{})), "misrouted org_not_opened");
}

// ---- who

TEST(FoldActor, AnIntentNeedsSomebodyWhoCanAct) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", Create("pager")).By(std::nullopt)), "denied actor_required");
  EXPECT_EQ(acme.Says(Intent("alice", Create("pager")).By(TeamNamed("sre"))),
            "denied actor_required");
}

TEST(FoldActor, TheTrailIsReadByWhoMayReadIt) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Intent("alice", AuditTrailRead{})), "denied right_required");
  EXPECT_EQ(acme.Says(Intent("alice", AuditTrailRead{}).Rights(right::kAuditLogsRead)), "applied");
}

TEST(FoldActor, WhatASourceHasRefusedIsOnRecordAndChangesNothing) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(Observation(Delete("pager")).By(UserNamed("mallory")).RefusedBySource()),
            "denied refused_by_source");
  EXPECT_FALSE(acme.connection("pager").life.deleted);
  EXPECT_EQ(acme.Says(Intent("alice", Delete("pager")).RefusedBySource()),
            "invalid authority_not_allowed");
}

TEST(FoldActor, AnAttemptThatItsSourceCouldNotReadIsKeptAsInvalid) {
  OrgInMemory acme = PagerOfAlice();
  const Outcome outcome =
      acme.Take(Observation(AttemptUnreadable{ConnectionNamed("pager"), "bad JSON"}));
  EXPECT_EQ(Words(outcome), "invalid malformed_at_source");
  EXPECT_EQ(outcome.subject, KeyOf(ConnectionNamed("pager")));
  EXPECT_EQ(acme.Says(Intent("alice", AttemptUnreadable{})), "invalid authority_not_allowed");
}

// ---- what these rules do not know

TEST(FoldUnknown, WhatLaterRulesWillKnowIsUnsupported) {
  OrgInMemory acme;
  for (const Action& action :
       {Action(ReviewOpened{}), Action(ReviewDecided{}), Action(ReviewClosed{}),
        Action(FindingSuppressed{}), Action(FindingReopened{})}) {
    EXPECT_EQ(acme.Says(Intent("alice", action)), "unsupported not_in_these_rules");
  }
}

TEST(FoldUnknown, BytesThatAreNoEventAreMalformedAndGoToTheSystemOrg) {
  OrgInMemory acme;
  EXPECT_EQ(Words(acme.TakeFault(DecodeEvent(AsBytes("garbage")))), "malformed not_an_event");
  EXPECT_EQ(acme.system.next_index, OrgIndex(1));
}

TEST(FoldUnknown, AnEventOfUnknownTypeOrBrokenFormStaysInItsOrg) {
  OrgInMemory acme;
  DecodedEvent decoded;
  decoded.event.org = Acme();
  decoded.fault = DecodeFault::kUnknownType;
  EXPECT_EQ(Words(acme.TakeFault(decoded)), "unsupported unknown_type");
  decoded.fault = DecodeFault::kInvalid;
  EXPECT_EQ(Words(acme.TakeFault(decoded)), "invalid invalid_field");
  EXPECT_EQ(acme.org.next_index, OrgIndex(2));
  decoded.event.org = OrgNamed("globex");
  EXPECT_EQ(Words(acme.TakeFault(decoded)), "invalid invalid_field");
  EXPECT_EQ(acme.system.next_index, OrgIndex(1));
}

// ---- when

TEST(FoldTime, IsTheLogsAndNeverGoesBack) {
  OrgInMemory acme = PagerOfAlice();
  acme.now_ms = kNoonMs - kHourMs;
  EXPECT_EQ(acme.Take(EditPager("eu")).effective_time_ms, kNoonMs);
  acme.now_ms = kNoonMs + kHourMs;
  EXPECT_EQ(acme.Take(EditPager("us")).effective_time_ms, kNoonMs + kHourMs);
}

TEST(FoldTime, WithTheRightToBackfillHistoryStandsWhereItHappened) {
  OrgInMemory acme;
  const UnixMs then_ms = kNoonMs - 1000 * kHourMs;
  EventBuilder old = Observation(Create("pager")).RecordedAt(then_ms);
  const Outcome outcome = acme.Take(old.Rights(right::kBackfill));
  EXPECT_EQ(Words(outcome), "applied");
  EXPECT_EQ(outcome.effective_time_ms, then_ms);
  EXPECT_EQ(acme.connection("pager").life.created.time_ms, then_ms);
}

TEST(FoldTime, WithoutThatRightItStandsWhereItArrivedAndIsMarkedLate) {
  OrgInMemory acme;
  const Outcome outcome =
      acme.Take(Observation(Create("pager")).RecordedAt(kNoonMs - 1000 * kHourMs));
  EXPECT_EQ(Words(outcome), "applied +late");
  EXPECT_EQ(outcome.effective_time_ms, kNoonMs);
}

TEST(FoldTime, ABackfillBehindWhatIsThereAlreadyIsLateToo) {
  OrgInMemory acme = PagerOfAlice();
  const Outcome outcome = acme.Take(Observation(Edit("pager", "region", "eu"))
                                        .RecordedAt(kNoonMs - kHourMs)
                                        .Rights(right::kBackfill));
  EXPECT_EQ(Words(outcome), "applied +late");
  EXPECT_EQ(outcome.effective_time_ms, kNoonMs);
}

TEST(FoldTime, ABackfillFromTheFutureStandsAtTheLogsTime) {
  OrgInMemory acme;
  EXPECT_EQ(
      acme.Take(Observation(Create("pager")).RecordedAt(kNoonMs + kHourMs).Rights(right::kBackfill))
          .effective_time_ms,
      kNoonMs);
}

TEST(FoldTime, AnIntentIsNeverBackdatedWhateverItClaims) {
  OrgInMemory acme;
  const Outcome outcome =
      acme.Take(Intent("alice", Create("pager")).RecordedAt(kNoonMs - kHourMs).Rights(right::kAll));
  EXPECT_EQ(Words(outcome), "applied");
  EXPECT_EQ(outcome.effective_time_ms, kNoonMs);
}

// ---- again

TEST(FoldAgain, TheSameRequestIsADuplicateThatNamesTheFirst) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(EditPager("eu").IdempotencyKey("k").RequestHash("a")), "applied");
  const Outcome again = acme.Take(EditPager("eu").IdempotencyKey("k").RequestHash("a"));
  EXPECT_EQ(Words(again), "duplicate");
  EXPECT_EQ(again.first, OrgIndex(1));
  EXPECT_TRUE(again.changes.empty());
  EXPECT_EQ(acme.connection("pager").life.revision, Revision(2));
}

TEST(FoldAgain, TheSameKeyWithAnotherRequestIsAConflict) {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(EditPager("eu").IdempotencyKey("k").RequestHash("a"));
  const Outcome other = acme.Take(EditPager("us").IdempotencyKey("k").RequestHash("b"));
  EXPECT_EQ(Words(other), "conflict request_differs");
  EXPECT_EQ(other.first, OrgIndex(1));
  EXPECT_EQ(acme.Says(EditPager("eu").IdempotencyKey("k").RequestHash("a")), "duplicate");
}

TEST(FoldAgain, WithoutAKeyTheEventsIdServes) {
  OrgInMemory acme = PagerOfAlice();
  EXPECT_EQ(acme.Says(EditPager("eu").Id("e")), "applied");
  EXPECT_EQ(acme.Says(EditPager("eu").Id("e")), "duplicate");
  EXPECT_EQ(acme.Says(EditPager("us")), "applied");
}

TEST(FoldAgain, ARefusalIsRepeatedNotReconsidered) {
  OrgInMemory acme = PagerShared();
  EXPECT_EQ(acme.Says(Intent("bob", Delete("pager")).Id("e")), "denied editor_relation_required");
  acme.Take(Intent("alice", Patch("pager", {Editor(UserNamed("bob"))})));
  EXPECT_EQ(acme.Says(Intent("bob", Delete("pager")).Id("e")), "duplicate");
}

// The window's edges, stated directly: a request seen at noon as record 10.
std::string SeenAtNoonThenAt(UnixMs time_ms, uint64_t index) {
  OrgInMemory acme;
  acme.org.next_index = OrgIndex(index);
  acme.org.effective_time_ms = kNoonMs;
  WorkingSet set;
  set.org = &acme.org;
  set.system = &acme.system;
  set.append_time_ms = time_ms;
  set.seen = SeenRequest{{kNoonMs, OrgIndex(10)}, true};
  return Words(Fold(set, Intent("alice", Create("pager"))));
}

TEST(FoldAgain, IsRecognisedWithin24HoursAnd65536Records) {
  EXPECT_EQ(SeenAtNoonThenAt(kNoonMs + kIdempotencyWindowMs, 11), "duplicate");
  EXPECT_EQ(SeenAtNoonThenAt(kNoonMs + kIdempotencyWindowMs + 1, 11), "applied");
  EXPECT_EQ(SeenAtNoonThenAt(kNoonMs, 10 + kIdempotencyWindowRecords), "duplicate");
  EXPECT_EQ(SeenAtNoonThenAt(kNoonMs, 11 + kIdempotencyWindowRecords), "applied");
}

// ---- numbers of producers

EventBuilder Numbered(uint64_t number, std::string_view connection) {
  EventBuilder builder = Observation(Create(connection));
  builder.From("importer", number);
  return builder;
}

TEST(FoldProducer, AMissingNumberIsMarkedAndMayComeLate) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Numbered(1, "a")), "applied");
  EXPECT_EQ(acme.Says(Numbered(3, "c")), "applied +producer_gap");
  EXPECT_EQ(acme.Says(Numbered(2, "b")), "applied");
  EXPECT_EQ(acme.Says(Numbered(4, "d")), "applied");
}

TEST(FoldProducer, ANumberThatWasSeenIsADuplicateWhateverItsEventSays) {
  OrgInMemory acme;
  acme.Take(Numbered(1, "a").Id("e"));
  acme.Take(Numbered(2, "b"));
  EXPECT_EQ(acme.Says(Numbered(1, "other")), "duplicate");
  const Outcome again = acme.Take(Numbered(1, "a").Id("e"));
  EXPECT_EQ(Words(again), "duplicate");
  EXPECT_EQ(again.first, OrgIndex(0));
}

TEST(FoldProducer, ARefusedEventUsesItsNumberUp) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Numbered(1, "a").RefusedBySource()), "denied refused_by_source");
  EXPECT_EQ(acme.Says(Observation(Delete("ghost")).From("importer", 2)),
            "rejected connection_not_found +gap");
  EXPECT_EQ(acme.Says(Numbered(3, "c")), "applied") << "no number is missing";
}

TEST(FoldProducer, TheOneThatComesFirstNeedNotBeTheFirst) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Numbered(2, "b")), "applied");
  EXPECT_EQ(acme.Says(Numbered(1, "a")), "applied") << "overtaken, not repeated";
}

TEST(FoldProducer, NumbersBeginAtOne) {
  OrgInMemory acme;
  EXPECT_EQ(acme.Says(Numbered(0, "a")), "invalid invalid_field");
}

// ---- in general

TEST(FoldOrder, TheFirstFailingStepNamesTheOutcome) {
  OrgInMemory acme = PagerShared();
  // Unknown right, no relation and another revision: authorization comes first.
  EXPECT_EQ(acme.Says(Intent("mallory", Edit("pager", "integration.type", "x")).IfRevision(9)),
            "denied editor_relation_required");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "integration.type", "x")).IfRevision(9)),
            "rejected integration_type_fixed");
  EXPECT_EQ(acme.Says(Intent("alice", Edit("pager", "region", "x")).IfRevision(9)),
            "conflict revision_differs");
  EXPECT_EQ(acme.Says(Intent("alice", ReviewOpened{}).By(std::nullopt)),
            "unsupported not_in_these_rules");
}

TEST(FoldOrder, ADuplicateIsRecognisedBeforeAnythingElseIsLookedAt) {
  OrgInMemory acme = PagerShared();
  acme.Take(EditPager("eu").Id("e"));
  EXPECT_EQ(acme.Says(Intent("mallory", ReviewOpened{}).Id("e")), "duplicate");
}

// ---- rules version 2: what an API key is worth when its turn comes

class FoldRulesVersion2 : public testing::Test {
 protected:
  FoldRulesVersion2() : acme_(PagerOfAlice()) { acme_.partition.rules = RulesVersion(2); }

  std::string EditByKey(const char* region) {
    return acme_.Says(Intent("alice", Edit("pager", "region", region)).ApiKey("ours"));
  }

  OrgInMemory acme_;
};

TEST_F(FoldRulesVersion2, AnApiKeyThatHasExpiredDeniesFromThatMillisecondOn) {
  const UnixMs expires_ms = acme_.now_ms + 1000;
  ASSERT_EQ(acme_.Says(Intent("root", NewKey("ours", 0, expires_ms)).Rights(kAdminRights)),
            "applied");
  acme_.now_ms = expires_ms - 1;
  EXPECT_EQ(EditByKey("eu"), "applied");
  acme_.now_ms = expires_ms;
  EXPECT_EQ(EditByKey("us"), "denied key_revoked");
  acme_.partition.rules = RulesVersion(1);
  EXPECT_EQ(EditByKey("us"), "applied") << "version 1 stays as it was";
}

TEST_F(FoldRulesVersion2, ALiveApiKeyTakesNoRightsAwayAsAnApplicationKeyDoes) {
  ASSERT_EQ(acme_.Says(Intent("root", NewKey("ours", 0)).Rights(kAdminRights)), "applied");
  EXPECT_EQ(EditByKey("eu"), "applied");
}

TEST_F(FoldRulesVersion2, TheRowOfTheApiKeyIsAskedForOnlyWhereTheRulesLookAtIt) {
  const Event event = Intent("alice", Delete("pager")).ApiKey("ours");
  const auto asks = [&](const Event& of, uint32_t version) {
    WorkingSet set;
    set.partition.rules = RulesVersion(version);
    std::vector<EntityKey> keys;
    RowsTouchedBy(of, keys);
    RowsDecidingOn(of, set, keys);
    return std::count(keys.begin(), keys.end(), KeyOf(KeyNamed("ours")));
  };
  EXPECT_EQ(asks(event, 1), 0);
  EXPECT_EQ(asks(event, 2), 1);
  Event observed = event;
  observed.authority = Authority::kObservation;
  EXPECT_EQ(asks(observed, 2), 0);
  EXPECT_EQ(asks(Intent("alice", Delete("pager")), 2), 0);
}

}  // namespace
}  // namespace conntrail
