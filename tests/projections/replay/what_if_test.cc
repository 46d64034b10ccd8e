#include "projections/replay/what_if.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/keyed_events.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

uint64_t Bit(EventType type) { return uint64_t{1} << static_cast<uint8_t>(type); }

Refusal SecondPerson() {
  Refusal refusal{.name = "second-person"};
  refusal.types = Bit(EventType::kPolicyPatched) | Bit(EventType::kPolicyReplaced);
  refusal.unless = EventCondition{.approver = ApproverIs::kAnotherPerson};
  return refusal;
}

class WhatIf : public testing::Test {
 protected:
  void Append(const Event& event, PartitionId partition = kPartition) {
    ASSERT_TRUE(log_.Append(partition, event.org, EncodeEvent(event)).ok());
    clock_.Pass(1000);
  }
  WhatIfAnswer Ask(const WhatIfQuestion& question, size_t threads = 1) {
    Result<WhatIfAnswer> answer = AskWhatIf(log_, question, {.threads = threads});
    EXPECT_TRUE(answer.ok()) << answer.status().ToString();
    return answer.ok() ? std::move(*answer) : WhatIfAnswer();
  }

  ManualClock clock_;
  MemoryLog log_{3, clock_, IdNamed("log")};
};

// alice makes `pager`, gives it to bob alone, then to carol with bob's approval; carol uses it.
class WhatIfOfAStory : public WhatIf {
 protected:
  void SetUp() override {
    Append(OfTheLog(OrgOpened{"Acme"}));
    Append(Intent("alice", Create("pager")));
    Append(Intent("alice", Patch("pager", {{Relation::kEditor, UserNamed("bob")}})));
    Append(Intent("bob", Patch("pager", {{Relation::kResolver, UserNamed("carol")}}))
               .ApprovedBy(UserNamed("alice")));
    Append(Intent("bob", Patch("pager", {{Relation::kResolver, UserNamed("dave")}}))
               .ApprovedBy(UserNamed("bob")));
    Append(Intent("carol", Using("pager")));
    Append(Intent("dave", Using("pager")));
    question_.policy.refusals = {SecondPerson()};
  }
  WhatIfQuestion question_;
};

TEST_F(WhatIfOfAStory, EachJudgesAgainstTheStateAsItWas) {
  const WhatIfAnswer answer = Ask(question_);
  EXPECT_EQ(answer.records, 7u);
  ASSERT_EQ(answer.counts.size(), 1u) << "carol and dave held their grants at the time";
  EXPECT_EQ(answer.counts[0].type, EventType::kPolicyPatched);
  EXPECT_EQ(answer.counts[0].before.ToString(), "applied");
  EXPECT_EQ(answer.counts[0].after.ToString(), "denied by second-person");
  EXPECT_EQ(answer.counts[0].count, 2u) << "nobody approved the first, bob himself the third";
  EXPECT_EQ(answer.connections, 1u);
  ASSERT_EQ(answer.top_connections.size(), 1u);
  EXPECT_EQ(answer.top_connections[0].name, "pager");
  EXPECT_EQ(answer.actors, 2u);
  EXPECT_EQ(answer.grantees, 2u);
  ASSERT_EQ(answer.examples.size(), 2u);
  EXPECT_EQ(answer.examples[0].place.index, OrgIndex(2));
  EXPECT_EQ(answer.examples[1].place.index, OrgIndex(4));
  EXPECT_EQ(answer.examples[1].approver, UserNamed("bob"));
}

TEST_F(WhatIfOfAStory, CascadeLetsWhatIsRefusedHaveNoEffect) {
  question_.mode = WhatIfMode::kCascade;
  const WhatIfAnswer answer = Ask(question_);
  std::vector<std::string> counts;
  for (const FlipCount& count : answer.counts) {
    counts.push_back(std::string(EventTypeName(count.type)) + ": " + count.before.ToString() +
                     " -> " + count.after.ToString() + " " + std::to_string(count.count));
  }
  EXPECT_THAT(counts, testing::ElementsAre(
                          "policy.patched: applied -> denied by second-person 1",
                          "policy.patched: applied -> denied editor_relation_required 2",
                          "connection.used: applied -> denied resolver_relation_required 2"));
  EXPECT_EQ(answer.different_entities, 1u) << "pager";
}

TEST_F(WhatIfOfAStory, WhatLiesOutsideTheTimesIsToldButNotCounted) {
  question_.from_ms = kNoonMs + 3000;
  question_.to_ms = kNoonMs + 4000;
  const WhatIfAnswer answer = Ask(question_);
  EXPECT_EQ(answer.records, 2u);
  EXPECT_EQ(answer.flips, 1u);
  EXPECT_EQ(answer.examples.at(0).place.time_ms, kNoonMs + 4000);
}

TEST_F(WhatIfOfAStory, AnOrgCanBeAskedAboutAlone) {
  Append(OfTheLog(OrgOpened{"Globex"}).Org(OrgNamed("globex")), PartitionId(2));
  Append(Intent("zoe", Create("pager")).Org(OrgNamed("globex")), PartitionId(2));
  Append(Intent("zoe", Patch("pager", {{Relation::kViewer, UserNamed("bob")}}))
             .Org(OrgNamed("globex")),
         PartitionId(2));
  EXPECT_EQ(Ask(question_).flips, 3u);
  question_.org = "Globex";
  EXPECT_EQ(Ask(question_).flips, 1u);
  EXPECT_EQ(Ask(question_).records, 3u);
  question_.org = Acme().ToString();
  EXPECT_EQ(Ask(question_).flips, 2u);
  question_.org = "Nobody";
  EXPECT_EQ(AskWhatIf(log_, question_, {}).status().code(), StatusCode::kNotFound);
  Append(OfTheLog(OrgOpened{"Acme"}).Org(OrgNamed("another")), PartitionId(1));
  question_.org = "Acme";
  EXPECT_EQ(AskWhatIf(log_, question_, {}).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(WhatIfOfAStory, CanBeStopped) {
  const WhatIfRun run{.progress = [](uint64_t, uint64_t) { return false; }};
  EXPECT_EQ(AskWhatIf(log_, question_, run).status().code(), StatusCode::kUnavailable);
}

// ---- properties, on events of every kind

class WhatIfOfAnything : public WhatIf {
 protected:
  void Grow(uint64_t seed, size_t records) { AppendKeyedEvents(seed, records, log_, clock_); }
};

TEST_F(WhatIfOfAnything, ACandidateEqualToTheRulesInForceChangesNothing) {
  for (const uint64_t seed : {21, 22, 23, 24}) {
    SCOPED_TRACE(seed);
    ManualClock clock;
    MemoryLog log(1, clock, IdNamed("log"));
    VariedEvents events(seed);
    AppendVariedEvents(events, 2500, log, clock);
    for (const WhatIfMode mode : {WhatIfMode::kEach, WhatIfMode::kCascade}) {
      WhatIfQuestion question{.mode = mode, .rules = RulesVersion(1)};
      Refusal nobody{.name = "nobody", .types = ~uint64_t{0}};
      nobody.when.events = {EventId{IdNamed("no event")}};
      question.policy.refusals = {nobody};
      const Result<WhatIfAnswer> answer = AskWhatIf(log, question, {});
      ASSERT_TRUE(answer.ok()) << answer.status().ToString();
      EXPECT_EQ(answer->records, 2500u);
      EXPECT_EQ(answer->flips, 0u);
      EXPECT_EQ(answer->different_entities, 0u);
    }
  }
}

TEST_F(WhatIfOfAnything, ThreadsDoNotMatter) {
  for (uint16_t i = 0; i < 3; ++i) {
    ManualClock clock;
    MemoryLog one(1, clock, IdNamed("log"));
    VariedEvents events(31 + i);
    AppendVariedEvents(events, 1500, one, clock);
    const ReadBatch read = one.Read(kPartition, Offset(0), SIZE_MAX / 2).value();
    for (const LogRecord& record : read.records) {
      clock_.Set(record.append_time_ms);
      ASSERT_TRUE(log_.Append(PartitionId(i), record.key, record.payload).ok());
    }
  }
  for (const WhatIfMode mode : {WhatIfMode::kEach, WhatIfMode::kCascade}) {
    WhatIfQuestion question{.mode = mode};
    question.policy.refusals = {SecondPerson()};
    const WhatIfAnswer alone = Ask(question, 1);
    EXPECT_GT(alone.flips, 100u);
    EXPECT_EQ(alone, Ask(question, 2));
    EXPECT_EQ(alone, Ask(question, 7));
  }
}

TEST_F(WhatIfOfAnything, RulesVersion2DiffersWhereARevokedOrExpiredApiKeyWasUsed) {
  Grow(41, 4000);
  const WhatIfAnswer answer = Ask({.rules = RulesVersion(2), .examples_max = 100'000});
  EXPECT_GT(answer.flips, 10u);
  for (const FlipCount& count : answer.counts) {
    EXPECT_EQ(count.after.ToString(), "denied key_revoked");
    EXPECT_NE(count.before.verdict, Verdict::kDuplicate);
  }
  // In the middle version 2 came into force: from there on nothing can differ.
  ASSERT_EQ(answer.examples.size(), answer.flips);
  for (const Flip& flip : answer.examples) EXPECT_LT(flip.offset, Offset(2000));
  const WhatIfAnswer back = Ask({.rules = RulesVersion(1), .examples_max = 100'000});
  EXPECT_GT(back.flips, 10u) << "the later half is one of version 2";
  for (const Flip& flip : back.examples) {
    EXPECT_GT(flip.offset, Offset(2000));
    EXPECT_EQ(flip.before.ToString(), "denied key_revoked");
  }
}

// Decides all of `log`; the outcomes in words, and the state that it ends with.
std::vector<std::string> Tell(EventLog& log, const CandidateRules& rules, StateInMemory& state) {
  std::vector<std::string> outcomes;
  const ReadBatch read = log.Read(kPartition, Offset(0), SIZE_MAX / 2).value();
  for (const LogRecord& record : read.records) {
    const DecodedEvent decoded = DecodeEvent(record.payload);
    Decided decided = state.Decide(decoded, record.append_time_ms, rules);
    outcomes.push_back(std::string(VerdictName(decided.outcome.verdict)) + " " +
                       std::string(ReasonName(decided.outcome.reason)));
    EXPECT_TRUE(state.Apply(decoded, record.append_time_ms, std::move(decided)).ok());
  }
  return outcomes;
}

// The same attempt, which the rules in force refuse: nobody is named, or its source has refused it.
Event Refused(Event event) {
  if (event.authority == Authority::kIntent) event.actor.principal.reset();
  if (event.authority == Authority::kObservation) event.refused_by_source = true;
  return event;
}

TEST_F(WhatIfOfAnything, CascadeIsTheFoldOfALogInWhichTheRefusedEventHasNoEffect) {
  size_t tried = 0;
  size_t with_consequences = 0;
  for (uint64_t seed = 51; seed < 54; ++seed) {
    ManualClock clock;
    MemoryLog log(1, clock, IdNamed("log"));
    VariedEvents events(seed);
    AppendVariedEvents(events, 700, log, clock);
    const ReadBatch read = log.Read(kPartition, Offset(0), SIZE_MAX / 2).value();
    StateInMemory actual;
    const std::vector<std::string> as_it_was = Tell(log, {}, actual);
    for (size_t at = 2 + seed % 7; at < read.records.size(); at += 7) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", record " << at);
      const DecodedEvent decoded = DecodeEvent(read.records[at].payload);
      if (as_it_was[at] != "applied " || decoded.event.authority == Authority::kLog) continue;
      // Retries are the same event: the log without the first one's effect has theirs neither.
      CandidatePolicy policy;
      Refusal refusal{.name = "this one", .types = ~uint64_t{0}};
      refusal.when.events = {decoded.event.id};
      policy.refusals = {refusal};
      ManualClock other_clock;
      MemoryLog other(1, other_clock, IdNamed("log"));
      for (const LogRecord& record : read.records) {
        other_clock.Set(record.append_time_ms);
        const DecodedEvent one = DecodeEvent(record.payload);
        const bool is_it = one.fault == DecodeFault::kNone && one.event.id == decoded.event.id;
        const Bytes payload = is_it ? EncodeEvent(Refused(one.event)) : ToBytes(record.payload);
        ASSERT_TRUE(other.Append(kPartition, record.key, payload).ok());
      }
      StateInMemory alternative;
      StateInMemory expected;
      const auto cascaded = Tell(log, {.policy = &policy}, alternative);
      const auto folded = Tell(other, {}, expected);
      size_t flips = 0;
      for (size_t i = 0; i < cascaded.size(); ++i) {
        const DecodedEvent one = DecodeEvent(read.records[i].payload);
        const bool is_it = one.fault == DecodeFault::kNone && one.event.id == decoded.event.id;
        if (cascaded[i] != as_it_was[i]) ++flips;
        if (!is_it) {
          ASSERT_EQ(cascaded[i], folded[i]) << "record " << i;
        }
      }
      for (size_t slot = 0; slot < expected.orgs().size(); ++slot) {
        const auto& entities = alternative.orgs()[slot]->entities;
        ASSERT_EQ(entities.size(), expected.orgs()[slot]->entities.size());
        for (const auto& [key, entity] : expected.orgs()[slot]->entities) {
          ASSERT_TRUE(entities.contains(key));
          ASSERT_EQ(*entities.at(key), *entity);
        }
      }
      const WhatIfAnswer answer =
          AskWhatIf(log, {.mode = WhatIfMode::kCascade, .policy = policy}, {}).value();
      EXPECT_EQ(answer.flips, flips);
      ++tried;
      if (flips > 1) ++with_consequences;
    }
  }
  EXPECT_GT(tried, 50u);
  EXPECT_GT(with_consequences, 10u) << "else this says little";
}

}  // namespace
}  // namespace conntrail
