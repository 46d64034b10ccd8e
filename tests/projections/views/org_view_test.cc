#include "projections/views/org_view.h"

#include <set>

#include <gmock/gmock.h>

#include "tests/projections/views/views_test_base.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

constexpr EntityKind kVersioned[] = {EntityKind::kConnection,  EntityKind::kAccount,
                                     EntityKind::kGroup,       EntityKind::kWorkflow,
                                     EntityKind::kIntegration, EntityKind::kKey};

class OrgViewTest : public ViewsTest {
 protected:
  // Every entity of every kind at `at` is as in `state`, found singly and all together; those of
  // `known` that are not in `state` did not exist.
  void ExpectState(const OrgView& view, const Place& at, const Replay::State& state,
                   const Replay::State& known) {
    for (const EntityKind kind : kVersioned) {
      std::vector<Entity> found;
      const Status walked = view.ForEachEntity(kind, at, [&](const Entity& entity) {
        found.push_back(entity);
        return true;
      });
      ASSERT_EQ(walked.ToString(), "ok");
      std::vector<Entity> expected;
      for (const auto& [key, entity] : state) {
        if (key.first == kind) expected.push_back(entity);
      }
      ASSERT_EQ(found, expected) << EntityKindName(kind);
    }
    for (const auto& [key, latest] : known) {
      const auto found = view.EntityAt(key.first, key.second, at);
      ASSERT_TRUE(found.ok()) << found.status().ToString();
      const auto expected = state.find(key);
      ASSERT_EQ(found->has_value(), expected != state.end()) << key.second.ToString();
      if (!*found) continue;
      ASSERT_EQ(**found, expected->second) << key.second.ToString();
    }
  }
};
CONNTRAIL_VIEWS_TESTS(OrgViewTest);

TEST_P(OrgViewTest, AfterEveryRecordEachEntityIsAsTheFoldLeftIt) {
  Grow(1100);
  ASSERT_EQ(replay_.orgs().size(), 3);
  for (const OrgId& org : replay_.orgs()) {
    const Replay::Trail& trail = replay_.trail(org);
    const Replay::State known = Replay::StateAfter(trail, trail.size());
    const OrgView view = View(org.ToString());
    Replay::State state;
    for (size_t i = 0; i < trail.size(); ++i) {
      SCOPED_TRACE("index " + std::to_string(i) + " of " + view.state().name);
      Replay::Apply(trail[i], state);
      const Result<Place> place = view.Resolve(Moment::AtIndex(OrgIndex(i)));
      ASSERT_TRUE(place.ok()) << place.status().ToString();
      ASSERT_EQ(*place, trail[i].line().place);
      ASSERT_NO_FATAL_FAILURE(ExpectState(view, *place, state, known));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectState(view, view.Resolve({}).value(), state, known));
  }
  EXPECT_GT(replay_.trail(OrgNamed("acme")).size(), 2 * kBlockRecords);
}

TEST_P(OrgViewTest, AsOfATimeEverythingUpToThatMillisecondIsSeen) {
  Grow(900);
  const Replay::Trail& trail = replay_.trail(OrgNamed("acme"));
  const Replay::State known = Replay::StateAfter(trail, trail.size());
  const OrgView view = View("Acme");
  std::set<UnixMs> times = {0, 1, kTimeMsMax};
  size_t equal = 0;
  for (const auto& record : trail) {
    const UnixMs time_ms = record.line().place.time_ms;
    equal += times.count(time_ms);
    times.insert({time_ms - 1, time_ms, time_ms + 1});
  }
  EXPECT_GT(equal, 100) << "too few records share a millisecond";
  Replay::State state;
  size_t applied = 0;
  for (const UnixMs time_ms : times) {
    SCOPED_TRACE(FormatTime(time_ms));
    for (const size_t end = Replay::CountUpTo(trail, time_ms); applied < end; ++applied) {
      Replay::Apply(trail[applied], state);
    }
    const Place at = view.Resolve(Moment::At(time_ms)).value();
    ASSERT_NO_FATAL_FAILURE(ExpectState(view, at, state, known));
  }
}

TEST_P(OrgViewTest, AViewAnswersTheSameWhateverIsWrittenAfterwards) {
  Grow(300);
  const OrgView view = View("Acme");
  const Replay::Trail before = replay_.trail(OrgNamed("acme"));
  const Replay::State state = Replay::StateAfter(before, before.size());
  Grow(600);
  ASSERT_NO_FATAL_FAILURE(ExpectState(view, keys::kPlaceMax, state, state));
  EXPECT_EQ(view.PlaceOf(OrgIndex(before.size())).status().code(), StatusCode::kNotFound);
}

TEST_P(OrgViewTest, EveryRecordIsKeptAsItWasAppended) {
  Grow(900);
  for (const OrgId& org : replay_.orgs()) {
    const OrgView view = View(org.ToString());
    for (const Replay::Record& expected : replay_.trail(org)) {
      const Place& place = expected.line().place;
      const Result<TrailRecord> record = view.RecordAt(place);
      ASSERT_TRUE(record.ok()) << record.status().ToString();
      EXPECT_EQ(record->line, expected.line());
      EXPECT_EQ(record->event, expected.payload);
      EXPECT_EQ(record->append_time_ms, expected.append_time_ms);
      EXPECT_EQ(record->first, expected.folded.first);
      EXPECT_EQ(record->slot, expected.folded.slot);
      EXPECT_EQ(record->rules, RulesVersion(1));
      EXPECT_EQ(view.RecordAt({place.time_ms + 1, place.index}).status().code(),
                StatusCode::kNotFound);
    }
    const auto beyond = view.PlaceOf(OrgIndex(replay_.trail(org).size()));
    EXPECT_EQ(beyond.status().code(), StatusCode::kNotFound);
  }
}

// The first record of the trail that counts with that number of the producer.
std::optional<Place> PlaceWithNumber(const Replay::Trail& trail, const std::string& producer,
                                     uint64_t number) {
  for (const Replay::Record& record : trail) {
    if (record.line().verdict == Verdict::kDuplicate) continue;
    const DecodedEvent decoded = DecodeEvent(record.payload);
    if (decoded.fault == DecodeFault::kNone && decoded.event.producer == producer &&
        decoded.event.producer_sequence == number) {
      return record.line().place;
    }
  }
  return std::nullopt;
}

TEST_P(OrgViewTest, ANumberOfAProducerNamesItsFirstRecord) {
  Grow(1500);
  size_t hits = 0;
  for (const OrgId& org : replay_.orgs()) {
    const OrgView view = View(org.ToString());
    for (const std::string producer :
         {"import:ci", "agent", "agent/uses", "a producer with a name that is long", "nobody"}) {
      for (uint64_t number = 0; number < 150; ++number) {
        Moment moment{.kind = Moment::Kind::kSequence, .sequence = number, .producer = producer};
        const Result<Place> place = view.Resolve(moment);
        const auto expected = PlaceWithNumber(replay_.trail(org), producer, number);
        ASSERT_EQ(place.ok(), expected.has_value())
            << producer << " " << number << " " << place.status().ToString();
        if (!expected) {
          ASSERT_EQ(place.status().code(), StatusCode::kNotFound);
          continue;
        }
        ASSERT_EQ(*place, *expected) << producer << " " << number << " of " << view.state().name;
        ++hits;
      }
    }
  }
  EXPECT_GT(hits, 100);
}

TEST_P(OrgViewTest, ANumberWithoutAProducerIsTheImports) {
  Grow(600);
  const OrgView view = View("Acme");
  const auto expected = PlaceWithNumber(replay_.trail(OrgNamed("acme")), "import:ci", 3);
  const auto place = view.Resolve({.kind = Moment::Kind::kSequence, .sequence = 3});
  ASSERT_TRUE(place.ok()) << place.status().ToString();
  EXPECT_EQ(std::optional<Place>(*place), expected);
}

TEST_P(OrgViewTest, ANumberWithoutAProducerIsTheOnlyOnesOrRefused) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  CatchUp();
  const Moment one{.kind = Moment::Kind::kSequence, .sequence = 1};
  EXPECT_EQ(View("Acme").Resolve(one).status().code(), StatusCode::kInvalidArgument);
  Append(Observation(Create("pager")).From("agent", 1));
  Append(Observation(Using("pager")).From("agent/uses", 1));
  CatchUp();
  EXPECT_EQ(View("Acme").Resolve(one).value().index, OrgIndex(1));
  Append(Observation(Create("deploy")).From("other", 1));
  CatchUp();
  EXPECT_EQ(View("Acme").Resolve(one).status().code(), StatusCode::kInvalidArgument);
}

TEST_P(OrgViewTest, UsesAndProducersAreThoseOfNow) {
  Grow(900);
  for (const OrgId& org : replay_.orgs()) {
    std::map<EntityKey, Entity> now;
    for (const Replay::Record& record : replay_.trail(org)) {
      for (const auto& [key, entity] : record.changed) now.insert_or_assign(key, entity);
    }
    const OrgView view = View(org.ToString());
    std::vector<Producer> producers;
    std::map<ConnectionId, std::vector<Use>> uses;
    for (const auto& [key, entity] : now) {
      if (const auto* producer = std::get_if<Producer>(&entity)) producers.push_back(*producer);
      if (const auto* use = std::get_if<Use>(&entity)) uses[use->connection].push_back(*use);
    }
    EXPECT_EQ(view.Producers().value(), producers);
    for (const auto& [connection, expected] : uses) {
      EXPECT_EQ(view.UsesOf(connection).value(), expected);
    }
    EXPECT_EQ(view.UsesOf(ConnectionNamed("nobody's")).value(), std::vector<Use>());
  }
}

TEST_P(OrgViewTest, OrgsAreFoundByNameAndById) {
  const auto snapshot = [&] { return store_->NewSnapshot(); };
  EXPECT_TRUE(OrgView::ListOrgs(*snapshot(), kPartition).value().empty());
  EXPECT_THAT(OrgView::Open(snapshot(), kPartition, "Acme").status().message(),
              testing::HasSubstr("there is none yet"));
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(OfTheLog(OrgOpened{"Beta"}).Org(OrgNamed("beta")));
  CatchUp();
  EXPECT_EQ(View("Acme").state().id, Acme());
  EXPECT_EQ(View(OrgNamed("beta").ToString()).state().name, "Beta");
  EXPECT_EQ(View("_system").state().next_index, OrgIndex(0));
  EXPECT_EQ(View("_system").PlaceOf(OrgIndex(0)).status().code(), StatusCode::kNotFound);
  const Status unknown = OrgView::Open(snapshot(), kPartition, "Gamma").status();
  EXPECT_EQ(unknown.code(), StatusCode::kNotFound);
  EXPECT_THAT(unknown.message(), testing::HasSubstr("there are: Acme, Beta"));
  Append(OfTheLog(OrgOpened{"Acme"}).Org(OrgNamed("other acme")));
  CatchUp();
  EXPECT_EQ(OrgView::Open(snapshot(), kPartition, "Acme").status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(View(Acme().ToString()).state().slot, OrgSlot(1));
  EXPECT_EQ(OrgView::ListOrgs(*snapshot(), kPartition).value().size(), 4);
}

}  // namespace
}  // namespace conntrail
