#include "projections/replay/state_in_memory.h"

#include <gtest/gtest.h>

#include "events/log/memory_log.h"
#include "tests/support/keyed_events.h"
#include "tests/support/org_in_memory.h"
#include "tests/support/replay.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

// Every record of the log as RecordFolder decides it, beside the same from a StateInMemory.
void CompareWithTheFolder(EventLog& log) {
  Replay folded(log);
  std::map<Offset, const Replay::Record*> by_offset;
  for (const OrgId& org : folded.orgs()) {
    for (const Replay::Record& record : folded.trail(org)) {
      by_offset[record.folded.offset] = &record;
    }
  }
  StateInMemory state;
  const ReadBatch read = log.Read(PartitionId(0), Offset(0), SIZE_MAX / 2).value();
  ASSERT_EQ(read.records.size(), by_offset.size());
  for (const LogRecord& record : read.records) {
    SCOPED_TRACE(record.offset.value);
    const DecodedEvent decoded = DecodeEvent(record.payload, DecodeDepth::kDecisive);
    Decided decided = state.Decide(decoded, record.append_time_ms, {});
    const Outcome outcome = decided.outcome;
    const auto applied = state.Apply(decoded, record.append_time_ms, std::move(decided));
    ASSERT_TRUE(applied.ok()) << applied.status().ToString();
    const FoldedRecord& expected = by_offset.at(record.offset)->folded;
    ASSERT_EQ(Words(outcome),
              Words(expected.line.verdict, expected.line.reason, expected.line.marks));
    ASSERT_EQ(applied->org->state.id, expected.org);
    ASSERT_EQ(applied->place, expected.line.place);
    ASSERT_EQ(outcome.first, expected.first);
    ASSERT_EQ(outcome.slot, expected.slot);
    ASSERT_EQ(outcome.rules, expected.rules);
    ASSERT_EQ(outcome.revision, expected.line.revision);
    for (const auto& [key, entity] : by_offset.at(record.offset)->changed) {
      ASSERT_EQ(*applied->org->entities.at(key), entity);
    }
  }
}

TEST(StateInMemory, DecidesEveryRecordAsTheFolderOfRowsDoes) {
  for (const uint64_t seed : {11, 12, 13}) {
    SCOPED_TRACE(seed);
    ManualClock clock;
    MemoryLog log(1, clock, IdNamed("log"));
    VariedEvents events(seed);
    AppendVariedEvents(events, 3000, log, clock);
    CompareWithTheFolder(log);
  }
}

TEST(StateInMemory, FollowsAChangeOfTheRules) {
  ManualClock clock;
  MemoryLog log(1, clock, IdNamed("log"));
  AppendKeyedEvents(14, 3000, log, clock);
  CompareWithTheFolder(log);
}

TEST(StateInMemory, RulesThatThisBuildDoesNotKnowAreNotGuessed) {
  StateInMemory state;
  DecodedEvent decoded;
  decoded.event = OfTheLog(RulesActivated{RulesVersion(kRulesVersionMax.value + 1)}).Org({});
  const auto applied = state.Apply(decoded, kNoonMs, state.Decide(decoded, kNoonMs, {}));
  EXPECT_EQ(applied.status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace conntrail
