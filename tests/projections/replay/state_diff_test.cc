#include "projections/replay/state_diff.h"

#include <map>

#include <gmock/gmock.h>

#include "projections/fold/access.h"
#include "projections/replay/trail_compare.h"
#include "projections/views/connection_view.h"
#include "tests/projections/views/views_test_base.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

struct Told {
  std::vector<EntityDifference> entities;
  std::vector<AccessDifference> access;
};

Told Ask(const DiffQuestion& question) {
  Told told;
  const Status status = DiffStates(question, {[&](const EntityDifference& d) {
                                                told.entities.push_back(d);
                                                return true;
                                              },
                                              [&](const AccessDifference& d) {
                                                told.access.push_back(d);
                                                return true;
                                              }});
  EXPECT_EQ(status.ToString(), "ok");
  return told;
}

std::string IndexOf(const std::optional<Deed>& deed) {
  return deed ? std::to_string(deed->place.index.value) : "none";
}

using Lines = std::vector<std::string>;

// "gained connection principal none viewer by 17", sorted; entities in the same way.
Lines AccessLines(const Told& told) {
  Lines lines;
  for (const AccessDifference& d : told.access) {
    const Principal who = d.principal.is_account() ? Principal::User(d.principal.id) : d.principal;
    lines.push_back(d.connection.ToString() + " " + who.ToString() + " " +
                    std::string(RelationName(d.before)) + " " + std::string(RelationName(d.after)) +
                    " by " + IndexOf(d.by));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}
std::string FieldLine(const EntityKey& key, const FieldChange& change, const std::string& by) {
  return std::string(EntityKindName(key.kind)) + " " + key.id.ToString() + " " + change.path + " " +
         std::to_string(change.before.index()) + std::to_string(change.after.index()) + " by " + by;
}
Lines FieldLines(const Told& told) {
  Lines lines;
  for (const EntityDifference& d : told.entities) {
    EXPECT_FALSE(d.fields.empty());
    for (const auto& field : d.fields) {
      lines.push_back(FieldLine(d.key, field.change, IndexOf(field.by)));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// ---- the same worked out by looking at the whole state after every single record

using Access = std::map<std::pair<Uuid, Principal>, Relation>;

Access AccessIn(const Replay::State& state, const OrgId& org) {
  Access access;
  const auto find = [&](EntityKind kind, const Uuid& id) -> const Entity* {
    const auto found = state.find({kind, id});
    return found == state.end() ? nullptr : &found->second;
  };
  for (const auto& [key, entity] : state) {
    const auto* connection = std::get_if<Connection>(&entity);
    if (connection == nullptr || connection->life.deleted) continue;
    const auto give = [&](Principal principal, Relation relation) {
      if (principal.is_account()) {
        const Entity* known = find(EntityKind::kAccount, principal.id);
        const auto* account = known == nullptr ? nullptr : std::get_if<Account>(known);
        if (account != nullptr && (!account->active || account->life.deleted)) return;
        principal = Principal::User(principal.id);
      }
      Relation& highest = access[{connection->id.uuid, principal}];
      highest = std::max(highest, relation);
    };
    for (const HeldGrant& held : EffectiveGrants(*connection, org)) {
      const Principal& grantee = held.grant.principal;
      if (grantee.kind == PrincipalKind::kOrg && grantee.id != org.uuid) continue;
      const Entity* known = grantee.is_group() ? find(EntityKind::kGroup, grantee.id) : nullptr;
      if (known == nullptr) {
        give(grantee, held.grant.relation);
        continue;
      }
      const Group& group = std::get<Group>(*known);
      if (group.life.deleted) continue;
      for (const Member& member : group.members) give(member.principal, held.grant.relation);
    }
  }
  return access;
}

using Flat = std::map<std::pair<EntityKind, Uuid>, Fields>;
Flat FlatOf(const Replay::State& state) {
  Flat flat;
  for (const auto& [key, entity] : state) {
    if (IsVersioned(key.first)) flat[key] = FlattenEntity(entity);
  }
  return flat;
}

// What every key of either map had before and has now, where that differs, and the last record
// that changed it.
template <typename Map, typename Value, typename Each>
void Differ(const std::vector<Map>& after_record, size_t from, const Value& none, Each each) {
  const auto value = [&](const Map& map, const typename Map::key_type& key) {
    const auto found = map.find(key);
    return found == map.end() ? none : found->second;
  };
  std::set<typename Map::key_type> keys;
  for (const auto& [key, v] : after_record[from]) keys.insert(key);
  for (const auto& [key, v] : after_record.back()) keys.insert(key);
  for (const auto& key : keys) {
    const Value before = value(after_record[from], key);
    const Value after = value(after_record.back(), key);
    size_t at = after_record.size() - 1;
    while (value(after_record[at - 1], key) == after && at > from + 1) --at;
    if (before != after) each(key, before, after, at);
  }
}

class StateDiff : public ViewsTest {};
INSTANTIATE_TEST_SUITE_P(Stores, StateDiff,
                         testing::Values(StoreKind::kMemory, StoreKind::kRocksDb), NameOfStore);

TEST_P(StateDiff, TellsWhatAWalkOverEveryRecordTells) {
  Grow(1800);
  size_t access_told = 0;
  size_t through_groups = 0;
  size_t through_accounts = 0;
  for (const std::string name : {"Acme", "Beta"}) {
    const OrgView org = View(name);
    const Replay::Trail& trail = replay_.trail(org.state().id);
    for (const auto& [from, to] : std::vector<std::pair<size_t, size_t>>{{0, trail.size() - 1},
                                                                         {40, 130},
                                                                         {100, 101},
                                                                         {120, 120},
                                                                         {90, trail.size() - 30},
                                                                         {150, 190},
                                                                         {200, 260},
                                                                         {300, 340},
                                                                         {350, 400}}) {
      SCOPED_TRACE(name + " " + std::to_string(from) + " to " + std::to_string(to));
      // after_record[i] is what is true after the record with index i.
      std::vector<Access> access;
      std::vector<std::map<std::pair<std::pair<EntityKind, Uuid>, std::string>, FieldValue>> fields;
      Replay::State state;
      for (size_t i = 0; i <= to; ++i) {
        Replay::Apply(trail[i], state);
        if (i < from) {
          access.emplace_back();
          fields.emplace_back();
          continue;
        }
        access.push_back(AccessIn(state, org.state().id));
        auto& now = fields.emplace_back();
        for (const auto& [key, flat] : FlatOf(state)) {
          for (const Field& field : flat) now[{key, field.path}] = field.value;
        }
      }
      Lines expected_access;
      Differ(access, from, Relation::kNone,
             [&](const auto& key, Relation before, Relation after, size_t by) {
               expected_access.push_back(
                   ConnectionId{key.first}.ToString() + " " + key.second.ToString() + " " +
                   std::string(RelationName(before)) + " " + std::string(RelationName(after)) +
                   " by " + std::to_string(by));
               ++access_told;
               if (trail[by].line().type == EventType::kGroupChanged) ++through_groups;
               if (trail[by].line().type == EventType::kAccountChanged) ++through_accounts;
             });
      Lines expected_fields;
      Differ(
          fields, from, FieldValue(),
          [&](const auto& key, const FieldValue& before, const FieldValue& after, size_t by) {
            expected_fields.push_back(FieldLine({key.first.first, key.first.second, {}},
                                                {key.second, before, after}, std::to_string(by)));
          });
      std::sort(expected_access.begin(), expected_access.end());
      std::sort(expected_fields.begin(), expected_fields.end());
      const Told told = Ask(BetweenMoments(org, org.PlaceOf(OrgIndex(from)).value(),
                                           org.PlaceOf(OrgIndex(to)).value()));
      EXPECT_EQ(AccessLines(told), expected_access);
      EXPECT_EQ(FieldLines(told), expected_fields);
    }
  }
  EXPECT_GT(access_told, 60u);
  EXPECT_GT(through_groups, 3u);
  EXPECT_GT(through_accounts, 3u);
}

TEST_P(StateDiff, ADeedNamesTheRecord) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(Intent("alice", Create("pager")));
  Append(Intent("alice", NewGroup(TeamNamed("ops"), {UserNamed("bob")})).Rights(kAdminRights));
  Append(Intent("alice", Patch("pager", {{Relation::kResolver, TeamNamed("ops")}})));
  Append(Intent("root", Join(TeamNamed("ops"), {UserNamed("carol")}))
             .Rights(kAdminRights)
             .Id("carol joins"));
  CatchUp();
  const OrgView org = View("Acme");
  const Told told = Ask(BetweenMoments(org, org.PlaceOf(OrgIndex(3)).value(), keys::kPlaceMax));
  ASSERT_EQ(told.access.size(), 1u);
  const AccessDifference& gained = told.access[0];
  EXPECT_EQ(ChangeName(gained), "gained");
  EXPECT_EQ(gained.principal, UserNamed("carol"));
  EXPECT_EQ(gained.connection_name, "pager");
  EXPECT_EQ(gained.path.grant.principal, TeamNamed("ops"));
  EXPECT_TRUE(gained.path.joined.has_value());
  ASSERT_TRUE(gained.by.has_value());
  EXPECT_EQ(gained.by->actor, UserNamed("root"));
  EXPECT_EQ(gained.by->event, EventId{IdNamed("carol joins")});
  EXPECT_EQ(gained.by->place.index, OrgIndex(4));
}

TEST_P(StateDiff, CanEndEarly) {
  Grow(600);
  const OrgView org = View("Acme");
  size_t entities = 0;
  size_t access = 0;
  const DiffQuestion question =
      BetweenMoments(org, org.PlaceOf(OrgIndex(0)).value(), keys::kPlaceMax);
  EXPECT_EQ(DiffStates(question, {[&](const EntityDifference&) { return ++entities < 2; },
                                  [&](const AccessDifference&) { return ++access < 2; }})
                .ToString(),
            "ok");
  EXPECT_LE(entities, 2u);
  EXPECT_LE(access, 2u);
}

// ---- two stores

class TwoStores : public ViewsTest {
 protected:
  // Another store of a log with the same records but for what `change` makes of one.
  void BuildOther(size_t at, const std::function<Event(Event)>& change, size_t leave_out = 0) {
    const ReadBatch read = log_.Read(kPartition, Offset(0), SIZE_MAX / 2).value();
    for (size_t i = 0; i + leave_out < read.records.size(); ++i) {
      const LogRecord& record = read.records[i];
      other_clock_.Set(record.append_time_ms);
      Bytes payload = ToBytes(record.payload);
      if (i == at) payload = EncodeEvent(change(DecodeEvent(record.payload).event));
      ASSERT_TRUE(other_log_.Append(kPartition, record.key, payload).ok());
    }
    ASSERT_TRUE(Projector::Open(other_log_, other_, kPartition).value()->CatchUp().ok());
  }
  OrgView Other(const std::string& name) {
    return OrgView::Open(other_.NewSnapshot(), kPartition, name).value();
  }
  static DiffQuestion Between(const OrgView& a, const OrgView& b, const Place& common) {
    return {{&a, keys::kPlaceMax},
            {&b, keys::kPlaceMax},
            {{&b, common, keys::kPlaceMax}, {&a, common, keys::kPlaceMax}},
            true};
  }

  ManualClock other_clock_;
  MemoryLog other_log_{1, other_clock_, IdNamed("log")};
  MemoryStore other_;
};
INSTANTIATE_TEST_SUITE_P(Stores, TwoStores, testing::Values(StoreKind::kRocksDb), NameOfStore);

TEST_P(TwoStores, OfTheSameRecordsAreEqual) {
  Grow(700);
  BuildOther(SIZE_MAX, nullptr);
  for (const std::string name : {"Acme", "Beta"}) {
    const OrgView a = View(name);
    const OrgView b = Other(name);
    const TrailComparison trails = CompareTrails(a, b, nullptr).value();
    EXPECT_FALSE(trails.a || trails.b);
    EXPECT_EQ(trails.equal, a.state().next_index.value);
    const Told told = Ask(Between(a, b, trails.common));
    EXPECT_TRUE(told.entities.empty());
    EXPECT_TRUE(told.access.empty());
  }
}

TEST_P(TwoStores, ThatLagBehindPartWhereTheOtherEnds) {
  Grow(700);
  BuildOther(SIZE_MAX, nullptr, 200);
  const OrgView a = View("Acme");
  const OrgView b = Other("Acme");
  const TrailComparison trails = CompareTrails(a, b, nullptr).value();
  EXPECT_TRUE(trails.a.has_value());
  EXPECT_FALSE(trails.b.has_value());
  EXPECT_EQ(trails.equal, b.state().next_index.value);
  EXPECT_EQ(trails.a->place.index, b.state().next_index);
  // The same as the two moments of the one that has more, the other way round.
  const Told stores = Ask(Between(b, a, trails.common));
  const Told moments = Ask(BetweenMoments(a, trails.common, keys::kPlaceMax));
  EXPECT_FALSE(moments.access.empty());
  EXPECT_EQ(AccessLines(stores), AccessLines(moments));
  Lines fields = FieldLines(moments);
  Lines with_counters;
  for (const EntityDifference& d : stores.entities) {
    for (const auto& field : d.fields) {
      with_counters.push_back(FieldLine(d.key, field.change, IndexOf(field.by)));
    }
  }
  std::sort(with_counters.begin(), with_counters.end());
  EXPECT_EQ(with_counters, fields);
}

TEST_P(TwoStores, PartAtTheRecordThatIsNotTheSame) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(Intent("alice", Create("pager")));
  Append(Intent("alice", Patch("pager", {{Relation::kEditor, UserNamed("bob")}})));
  Append(Intent("bob", Edit("pager", "region", "eu")));
  CatchUp();
  BuildOther(2, [](Event event) {
    event.action = Patch("pager", {{Relation::kViewer, UserNamed("bob")}});
    return event;
  });
  const OrgView a = View("Acme");
  const OrgView b = Other("Acme");
  const TrailComparison trails = CompareTrails(a, b, nullptr).value();
  ASSERT_TRUE(trails.a && trails.b);
  EXPECT_EQ(trails.a->place.index, OrgIndex(2));
  EXPECT_EQ(trails.equal, 2u);
  const Told told = Ask(Between(a, b, trails.common));
  ASSERT_EQ(told.access.size(), 1u);
  EXPECT_EQ(ChangeName(told.access[0]), "lowered");
  EXPECT_EQ(told.access[0].by->place.index, OrgIndex(2));
  EXPECT_EQ(told.access[0].by->span, 0u);
  ASSERT_EQ(told.entities.size(), 1u);
  Lines lines;
  for (const auto& field : told.entities[0].fields) {
    lines.push_back(field.change.path + " by " + IndexOf(field.by) + " of " +
                    std::to_string(field.by ? field.by->span : 9));
  }
  EXPECT_THAT(lines, testing::IsSupersetOf({"grants by 2 of 0", "region by 3 of 1"}))
      << "bob's edit was denied in the second: what explains it stands in the first";
}

}  // namespace
}  // namespace conntrail
