// Every verdict and every reason that rules version 1 can give is given by an event of this table;
// a new one fails here until it is added.

#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/org_in_memory.h"

namespace conntrail {
namespace {

struct Case {
  Reason reason;
  Verdict verdict;
  std::function<Outcome()> bring_about;
};

Outcome InShared(const Event& event) { return PagerShared().Take(event); }
Outcome InEmpty(const Event& event) { return OrgInMemory().Take(event); }
Outcome Second(const Event& first, const Event& second) {
  OrgInMemory acme = PagerShared();
  acme.Take(first);
  return acme.Take(second);
}
Outcome Fault(DecodeFault fault) {
  DecodedEvent decoded;
  decoded.fault = fault;
  return OrgInMemory().TakeFault(decoded);
}
EventBuilder Admin(Action action) { return Intent("root", std::move(action)).Rights(kAdminRights); }
ConnectionEdited TooMany() {
  ConnectionEdited edit{.connection = ConnectionNamed("pager")};
  for (int i = 0; i < 256; ++i) edit.changes.push_back({"f" + std::to_string(1000 + i), {}, true});
  return edit;
}

std::vector<Case> Cases() {
  const Principal bob = UserNamed("bob");
  using enum Reason;
  return {
      {kNone, Verdict::kApplied, [] { return InEmpty(Intent("alice", Create("x"))); }},
      {kNone, Verdict::kDuplicate,
       [] {
         return Second(Intent("alice", Suspend("pager")).Id("e"),
                       Intent("alice", Suspend("pager")).Id("e"));
       }},
      {kNoChange, Verdict::kApplied,
       [] { return InShared(Intent("alice", Edit("pager", "name", "pager"))); }},
      {kGapBeforeDiffers, Verdict::kApplied,
       [] { return InShared(Observation(Edit("pager", "region", "eu", "us"))); }},
      {kGapUnknownSubject, Verdict::kApplied,
       [] { return InEmpty(Observation(Edit("pager", "region", "eu", "us"))); }},
      {kGapAlreadyExists, Verdict::kApplied, [] { return InShared(Observation(Create("pager"))); }},
      {kGapAlreadyThere, Verdict::kApplied,
       [] { return InShared(Observation(Withdraw("pager"))); }},
      {kUseWithoutGrant, Verdict::kApplied,
       [] { return InShared(Observation(Using("pager", UserNamed("mallory")))); }},
      {kActorRequired, Verdict::kDenied,
       [] { return InEmpty(Intent("alice", Create("x")).By(std::nullopt)); }},
      {kAccountInactive, Verdict::kDenied,
       [=] {
         return Second(Observation(ChangeAccount(bob, AccountChange::kDeactivated)),
                       Intent("bob", Using("pager")));
       }},
      {kKeyRevoked, Verdict::kDenied,
       [] {
         return Second(Admin(NewKey("ci", 0, kNoonMs)),
                       Intent("bob", Using("pager")).ApplicationKey("ci"));
       }},
      {kRightRequired, Verdict::kDenied,
       [] { return InShared(Intent("bob", Using("pager")).Rights(0)); }},
      {kResolverRequired, Verdict::kDenied,
       [] { return InShared(Intent("carol", Using("pager"))); }},
      {kEditorRequired, Verdict::kDenied, [] { return InShared(Intent("bob", Delete("pager"))); }},
      {kRefusedBySource, Verdict::kDenied,
       [] { return InShared(Observation(Delete("pager")).RefusedBySource()); }},
      {kEscalation, Verdict::kDenied, [] { return InShared(Admin(NewKey("ci", right::kAll))); }},
      {kConnectionNotFound, Verdict::kRejected,
       [] { return InEmpty(Intent("alice", Delete("pager"))); }},
      {kConnectionExists, Verdict::kRejected,
       [] { return InShared(Intent("alice", Create("pager"))); }},
      {kConnectionSuspended, Verdict::kRejected,
       [] { return Second(Intent("alice", Suspend("pager")), Intent("bob", Using("pager"))); }},
      {kConnectionNotSuspended, Verdict::kRejected,
       [] { return InShared(Intent("alice", Resume("pager"))); }},
      {kSelfLockout, Verdict::kRejected,
       [] { return InShared(Intent("alice", Replace("pager", {}))); }},
      {kCredentialMissing, Verdict::kRejected,
       [] { return InShared(Intent("alice", Rotate("pager", "s"))); }},
      {kCredentialPresent, Verdict::kRejected,
       [] {
         return Second(Intent("alice", Issue("pager", "s")), Intent("alice", Issue("pager", "s")));
       }},
      {kIntegrationTypeFixed, Verdict::kRejected,
       [] { return InShared(Intent("alice", Edit("pager", "integration.type", "Slack"))); }},
      {kSubjectNotFound, Verdict::kRejected, [] { return InEmpty(Admin(RevokeKey("ci"))); }},
      {kSubjectExists, Verdict::kRejected,
       [] { return Second(Admin(NewGroup(TeamNamed("sre"))), Admin(NewGroup(TeamNamed("sre")))); }},
      {kOrgExists, Verdict::kRejected, [] { return InEmpty(OfTheLog(OrgOpened{"Acme"})); }},
      {kRulesNotNewer, Verdict::kRejected,
       [] { return InEmpty(OfTheLog(RulesActivated{RulesVersion(1)}).Org({})); }},
      {kSealTooEarly, Verdict::kRejected,
       [] { return Second(OfTheLog(Seal{}).Org({}), OfTheLog(Seal{}).Org({})); }},
      {kLimitReached, Verdict::kRejected, [] { return InShared(Intent("alice", TooMany())); }},
      {kRevisionDiffers, Verdict::kConflict,
       [] { return InShared(Intent("alice", Suspend("pager")).IfRevision(7)); }},
      {kRequestDiffers, Verdict::kConflict,
       [] {
         return Second(Intent("alice", Suspend("pager")).Id("e").RequestHash("a"),
                       Intent("alice", Suspend("pager")).Id("e").RequestHash("b"));
       }},
      {kNameRequired, Verdict::kInvalid, [] { return InEmpty(Intent("alice", Create(""))); }},
      {kInvalidField, Verdict::kInvalid, [] { return Fault(DecodeFault::kInvalid); }},
      {kAuthorityNotAllowed, Verdict::kInvalid, [] { return InEmpty(Intent("alice", Seal{})); }},
      {kMalformedAtSource, Verdict::kInvalid,
       [] { return InEmpty(Observation(AttemptUnreadable{})); }},
      {kUnknownType, Verdict::kUnsupported, [] { return Fault(DecodeFault::kUnknownType); }},
      {kNotYetInRules, Verdict::kUnsupported,
       [] { return InEmpty(Intent("alice", ReviewClosed{})); }},
      {kNotAnEvent, Verdict::kMalformed, [] { return Fault(DecodeFault::kNotAnEvent); }},
      {kOrgNotOpened, Verdict::kMisrouted,
       [] { return InEmpty(Intent("alice", Create("x")).Org(OrgNamed("globex"))); }},
  };
}

// Reserved: no rule of version 1 asks for no more than viewer.
const std::set<Reason> kNotYetGiven = {Reason::kViewerRequired};

TEST(EveryOutcome, IsGivenByTheEventThatStandsForIt) {
  for (const Case& c : Cases()) {
    const Outcome outcome = c.bring_about();
    EXPECT_EQ(Words(outcome.verdict, outcome.reason, 0), Words(c.verdict, c.reason, 0));
  }
}

TEST(EveryOutcome, StandsInTheTable) {
  std::set<Reason> reasons = kNotYetGiven;
  std::set<Verdict> verdicts;
  for (const Case& c : Cases()) {
    reasons.insert(c.reason);
    verdicts.insert(c.verdict);
  }
  std::set<std::string_view> names;
  for (uint16_t number = 0; number < 1000; ++number) {
    const auto reason = static_cast<Reason>(number);
    if (ReasonName(reason) == "unknown") continue;
    EXPECT_TRUE(reasons.contains(reason)) << "no event brings about " << ReasonName(reason);
    EXPECT_TRUE(names.insert(ReasonName(reason)).second) << "two reasons of one name";
  }
  for (uint8_t number = 1; number <= kVerdictMax; ++number) {
    const auto verdict = static_cast<Verdict>(number);
    EXPECT_TRUE(verdicts.contains(verdict)) << "no event brings about " << VerdictName(verdict);
    EXPECT_EQ(ParseVerdict(VerdictName(verdict)), verdict);
  }
}

}  // namespace
}  // namespace conntrail
