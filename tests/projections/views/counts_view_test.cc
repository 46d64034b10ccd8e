#include "projections/views/counts_view.h"

#include <map>

#include "tests/projections/views/views_test_base.h"

namespace conntrail {
namespace {

class CountsViewTest : public ViewsTest {
 protected:
  static void ExpectCounts(const OrgCounts& counts, const Replay::State& state) {
    OrgCounts expected;
    for (const auto& [key, entity] : state) {
      const bool live = !LifecycleOf(entity)->deleted;
      if (key.first == EntityKind::kAccount) expected.accounts += live;
      if (key.first == EntityKind::kGroup) expected.groups += live;
      const auto* connection = std::get_if<Connection>(&entity);
      if (connection == nullptr) continue;
      expected.connections_deleted += !live;
      if (!live) continue;
      ++expected.connections;
      expected.connections_suspended += connection->suspended;
      expected.connections_without_policy += !connection->has_policy;
      expected.grants += connection->grants.size();
    }
    EXPECT_EQ(counts.connections, expected.connections);
    EXPECT_EQ(counts.connections_deleted, expected.connections_deleted);
    EXPECT_EQ(counts.connections_suspended, expected.connections_suspended);
    EXPECT_EQ(counts.connections_without_policy, expected.connections_without_policy);
    EXPECT_EQ(counts.grants, expected.grants);
    EXPECT_EQ(counts.accounts, expected.accounts);
    EXPECT_EQ(counts.groups, expected.groups);
  }
};
CONNTRAIL_VIEWS_TESTS(CountsViewTest);

TEST_P(CountsViewTest, CountsAreThoseOfTheMomentThatIsAskedFor) {
  Grow(900);
  for (const OrgId& org : replay_.orgs()) {
    const Replay::Trail& trail = replay_.trail(org);
    const OrgView view = View(org.ToString());
    std::map<std::pair<EventType, Verdict>, uint64_t> by_type;
    Replay::State state;
    for (size_t i = 0; i < trail.size(); ++i) {
      Replay::Apply(trail[i], state);
      ++by_type[{trail[i].line().type, trail[i].line().verdict}];
      const auto counts = CountOrg(view, Moment::AtIndex(OrgIndex(i)));
      ASSERT_TRUE(counts.ok()) << counts.status().ToString();
      SCOPED_TRACE("index " + std::to_string(i));
      EXPECT_EQ(counts->records, i + 1);
      ExpectCounts(*counts, state);
    }
    const OrgCounts now = CountOrg(view, Moment::Now()).value();
    EXPECT_EQ(now.records, trail.size());
    ExpectCounts(now, state);
    ASSERT_EQ(now.by_type.size(), by_type.size());
    for (const TypeCount& count : now.by_type) {
      EXPECT_EQ(count.count, (by_type[{count.type, static_cast<Verdict>(count.verdict)}]));
    }
    EXPECT_EQ(CountOrg(view, Moment::At(0)).value().records, 0);
    const UnixMs middle = trail[trail.size() / 2].line().place.time_ms;
    EXPECT_EQ(CountOrg(view, Moment::At(middle)).value().records, Replay::CountUpTo(trail, middle));
  }
}

}  // namespace
}  // namespace conntrail
