// Properties of the fold over random histories. A failure prints the shortest history that
// RapidCheck finds, and the line RC_PARAMS="reproduce=..." that repeats it;
// RC_PARAMS="max_success=10000" looks longer.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "tests/projections/fold/access_model.h"
#include "tests/support/org_in_memory.h"
#include "tests/support/random_events.h"
#include "tests/support/store_rows.h"

namespace rc {

template <>
struct Arbitrary<conntrail::Deed> {
  static Gen<conntrail::Deed> arbitrary() {
    using conntrail::Deed;
    const auto below = [](int bound) { return gen::inRange(0, bound); };
    return gen::build<Deed>(
        gen::set(&Deed::kind, gen::map(below(Deed::kKinds),
                                       [](int kind) { return static_cast<Deed::Kind>(kind); })),
        gen::set(&Deed::who, below(conntrail::kUsers)),
        gen::set(&Deed::whom, below(conntrail::kWhom)),
        gen::set(&Deed::connection, below(conntrail::kModelConnections)),
        gen::set(&Deed::relation,
                 gen::map(gen::inRange(1, 4),
                          [](int relation) { return static_cast<conntrail::Relation>(relation); })),
        gen::set(&Deed::value, below(3)),
        gen::set(&Deed::observed, gen::map(below(3), [](int n) { return n == 2; })),
        gen::set(&Deed::manages_access, gen::map(below(4), [](int n) { return n == 3; })),
        gen::set(&Deed::allows_lockout),
        gen::set(&Deed::if_revision, gen::map(below(20), [](int n) {
          return n < 14 ? std::nullopt : std::optional<uint64_t>(n - 14);
        })));
  }
};

}  // namespace rc

namespace conntrail {
namespace {

// Acme with the accounts and groups of the model, and no connection.
OrgInMemory AcmeOfTheModel() {
  OrgInMemory acme;
  for (int user = 0; user < kUsers; ++user) {
    acme.Take(Observation(ChangeAccount(WhomNamed(user), AccountChange::kAdded)));
  }
  for (int team = 0; team < kTeams; ++team) {
    acme.Take(Observation(NewGroup(WhomNamed(kUsers + team))));
  }
  return acme;
}

std::string WithoutMarks(const Outcome& outcome) {
  return Words(outcome.verdict, outcome.reason, 0);
}

void CompareState(const OrgInMemory& acme, const AccessModel& model) {
  for (int number = 0; number < kModelConnections; ++number) {
    const auto* conn = acme.Find<Connection>(KeyOf(ConnectionNamed(ConnectionName(number))));
    const AccessModel::Conn* expected = model.Find(number);
    RC_ASSERT((conn != nullptr) == (expected != nullptr));
    if (conn == nullptr) continue;
    RC_ASSERT(conn->life.revision.value == expected->revision);
    RC_ASSERT(conn->life.deleted == expected->deleted);
    RC_ASSERT(conn->suspended == expected->suspended);
    RC_ASSERT(conn->credential.present == expected->credential);
    const FieldValue* region = FindField(conn->fields, "region");
    RC_ASSERT((region != nullptr) == expected->region.has_value());
    if (region != nullptr) RC_ASSERT(std::get<int64_t>(*region) == *expected->region);
    if (conn->life.deleted) continue;
    for (int user = 0; user < kUsers; ++user) {
      RC_ASSERT(acme.RelationOf(ConnectionName(number), WhomNamed(user)) ==
                model.RelationOf(number, user));
    }
  }
}

RC_GTEST_PROP(FoldProperty, DecidesAsTheModelDoesAndEndsInTheSameState,
              (const std::vector<Deed>& deeds)) {
  OrgInMemory acme = AcmeOfTheModel();
  AccessModel model;
  for (const Deed& deed : deeds) {
    const std::string expected = model.Do(deed);
    RC_ASSERT(WithoutMarks(acme.Take(deed.ToEvent())) == expected);
    CompareState(acme, model);
  }
}

RC_GTEST_PROP(FoldProperty, WhateverIsNotAppliedChangesNothingAndEditsChangeNoGrant,
              (const std::vector<Deed>& deeds)) {
  OrgInMemory acme = AcmeOfTheModel();
  for (const Deed& deed : deeds) {
    const EntityKey key = KeyOf(ConnectionNamed(ConnectionName(deed.connection)));
    const Connection* found = acme.Find<Connection>(key);
    const std::optional<Connection> before = found ? std::optional(*found) : std::nullopt;
    const Outcome outcome = acme.Take(deed.ToEvent());
    if (!outcome.applied()) RC_ASSERT(outcome.changes.empty());
    const Connection* after = acme.Find<Connection>(key);
    if (!before || after == nullptr || deed.kind != Deed::kEdit) continue;
    RC_ASSERT(after->grants == before->grants);
    RC_ASSERT(after->has_policy == before->has_policy);
    RC_ASSERT(after->created_by == before->created_by);
    RC_ASSERT(after->credential == before->credential);
  }
}

RC_GTEST_PROP(FoldProperty, EffectiveTimeNeverGoesBackAndRevisionsGrowByOne, (uint32_t seed)) {
  RandomEvents random(seed);
  OrgInMemory acme;
  UnixMs last_ms = 0;
  for (int i = 0; i < 60; ++i) {
    acme.now_ms += static_cast<UnixMs>(random.Number(100'000)) - 50'000;
    Event event = random.Next(acme.now_ms);
    event.org = Acme();
    const EntityKey subject = SubjectOf(event);
    const Connection* known = acme.Find<Connection>(subject);
    const uint64_t revision = known == nullptr ? 0 : known->life.revision.value;
    const Outcome outcome = acme.Take(event);
    RC_ASSERT(outcome.effective_time_ms >= last_ms);
    RC_ASSERT(outcome.effective_time_ms >= 0);
    last_ms = outcome.effective_time_ms;
    if (subject.kind != EntityKind::kConnection) continue;
    bool changes_subject = false;
    for (const EntityChange& change : outcome.changes) changes_subject |= change.key == subject;
    RC_ASSERT(outcome.revision.value == revision + (changes_subject ? 1 : 0));
  }
}

// Random bytes, broken events and sound ones; the log is cut into batches of any size.
RC_GTEST_PROP(FoldProperty, EveryRecordHasOnePlaceHoweverItsLogIsCut,
              (uint32_t seed, const std::vector<std::string>& noise)) {
  ManualClock clock;
  MemoryLog log(1, clock, IdNamed("log"));
  RandomEvents random(seed);
  AppendRandomEvents(random, 60, log, clock);
  for (const std::string& bytes : noise) {
    RC_ASSERT(log.Append(PartitionId(0), {}, AsBytes(bytes)).ok());
    RC_ASSERT(log.Append(PartitionId(0), {}, AsBytes(random.Garbage())).ok());
  }
  MemoryStore whole;
  auto projector = Projector::Open(log, whole, PartitionId(0));
  RC_ASSERT((*projector)->CatchUp().ok());
  size_t rows = 0;
  for (uint32_t slot = 0; slot < 3; ++slot) rows += TrailOf(whole, slot).size();
  RC_ASSERT(rows == 60 + 2 * noise.size());
  RC_ASSERT(RowsOf(whole, Family::kTrail).size() == rows);

  MemoryStore cut;
  const Projector::Options options{.folder = {.cached_entities_max = random.Number(10)},
                                   .read_bytes_max = 1 + random.Number(5000),
                                   .batch_records_max = 1 + random.Number(20)};
  auto other = Projector::Open(log, cut, PartitionId(0), options);
  RC_ASSERT((*other)->CatchUp().ok());
  RC_ASSERT(FirstDifference(whole, cut) == "");
}

}  // namespace
}  // namespace conntrail
