#include "projections/views/trail_view.h"

#include <algorithm>

#include "tests/projections/views/views_test_base.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

class TrailViewTest : public ViewsTest {
 protected:
  uint64_t Number(uint64_t bound) { return random_() % bound; }
  bool Chance(uint64_t percent) { return Number(100) < percent; }

  UnixMs SomeTime(const Replay::Trail& trail) {
    return trail[Number(trail.size())].line().place.time_ms + static_cast<UnixMs>(Number(3)) - 1;
  }

  TrailFilter SomeFilter(const Replay::Trail& trail) {
    TrailFilter filter;
    const TrailLine& like = trail[Number(trail.size())].line();
    if (Chance(30) && like.subject.kind != EntityKind::kNone) filter.subject = like.subject;
    if (Chance(30) && like.actor) filter.actor = like.actor->id;
    if (Chance(3)) filter.actor = IdNamed("nobody");
    if (Chance(20)) filter.types = TrailFilter::Bit(like.type);
    if (Chance(20)) filter.types |= random_() & random_() & ((uint64_t{1} << 31) - 1);
    if (Chance(20)) filter.verdicts = TrailFilter::Bit(like.verdict);
    if (Chance(20)) filter.verdicts |= static_cast<uint16_t>(Number(1 << 10) & Number(1 << 10));
    if (Chance(20)) filter.marks = static_cast<uint16_t>(Number(8));
    if (Chance(20)) filter.from_ms = SomeTime(trail);
    if (Chance(20)) filter.to_ms = SomeTime(trail);
    return filter;
  }

  // By looking at every record.
  static std::vector<TrailLine> Expected(const Replay::Trail& trail, const TrailQuery& query) {
    std::vector<TrailLine> lines;
    const TrailFilter& f = query.filter;
    for (const Replay::Record& record : trail) {
      const TrailLine& line = record.line();
      const UnixMs time_ms = line.place.time_ms;
      const bool taken =
          (!f.subject ||
           (line.subject.kind == f.subject->kind && line.subject.id == f.subject->id)) &&
          (!f.actor || (line.actor && line.actor->id == *f.actor)) &&
          (f.types == 0 || (f.types >> static_cast<int>(line.type) & 1) != 0) &&
          (f.verdicts == 0 || (f.verdicts >> static_cast<int>(line.verdict) & 1) != 0) &&
          (f.marks == 0 || (f.marks & line.marks) != 0) && (!f.from_ms || time_ms >= *f.from_ms) &&
          (!f.to_ms || time_ms <= *f.to_ms);
      if (taken) lines.push_back(line);
    }
    if (query.newest_first) std::reverse(lines.begin(), lines.end());
    return lines;
  }

  // All pages, one after the other. While they are read the log grows `grows` times.
  std::vector<TrailLine> ReadPages(const std::string& org, TrailQuery query, int grows = 0) {
    std::vector<TrailLine> lines;
    for (int pages = 0;; ++pages) {
      EXPECT_LT(pages, 5000) << "the pages do not end";
      const Result<TrailPage> page = SearchTrail(View(org), query);
      EXPECT_TRUE(page.ok()) << page.status().ToString();
      if (!page.ok() || pages == 5000) return lines;
      EXPECT_LE(page->lines.size(), query.limit);
      EXPECT_TRUE(page->complete || !page->next_cursor.empty());
      if (page->complete && !page->next_cursor.empty()) {
        EXPECT_EQ(page->lines.size(), query.limit);
      }
      lines.insert(lines.end(), page->lines.begin(), page->lines.end());
      if (page->next_cursor.empty()) return lines;
      query.cursor = page->next_cursor;
      if (grows-- > 0) Grow(25);
    }
  }

  std::mt19937_64 random_{7};
};
CONNTRAIL_VIEWS_TESTS(TrailViewTest);

std::string Words(const TrailQuery& q) {
  const TrailFilter& f = q.filter;
  return "subject " + (f.subject ? f.subject->id.ToString() : "-") + " actor " +
         (f.actor ? f.actor->ToString() : "-") + " types " + std::to_string(f.types) +
         " verdicts " + std::to_string(f.verdicts) + " marks " + std::to_string(f.marks) +
         " from " + (f.from_ms ? FormatTime(*f.from_ms) : "-") + " to " +
         (f.to_ms ? FormatTime(*f.to_ms) : "-") + (q.newest_first ? " newest" : " oldest") +
         " first, limit " + std::to_string(q.limit) + ", rows " + std::to_string(q.scan_rows_max);
}

TEST_P(TrailViewTest, PagesTogetherAreExactlyTheRecordsThatTheFilterTakes) {
  Grow(1300);
  size_t taken = 0;
  for (int i = 0; i < 1500; ++i) {
    const OrgId org = replay_.orgs()[Number(3)];
    const Replay::Trail& trail = replay_.trail(org);
    TrailQuery query{.filter = SomeFilter(trail), .newest_first = Chance(50)};
    query.limit = std::array<size_t, 5>{1, 2, 7, 50, 5000}[Number(5)];
    query.scan_rows_max = std::array<size_t, 5>{1, 3, 100, 300, 1'000'000}[Number(5)];
    const std::vector<TrailLine> expected = Expected(trail, query);
    ASSERT_EQ(ReadPages(org.ToString(), query), expected) << i << ": " << Words(query);
    taken += expected.size();
  }
  EXPECT_GT(taken, 10000);
}

TEST_P(TrailViewTest, NothingIsLostOrRepeatedWhileRecordsAreAppended) {
  Grow(500);
  for (int i = 0; i < 120; ++i) {
    const Replay::Trail before = replay_.trail(OrgNamed("acme"));
    TrailQuery query{.filter = SomeFilter(before), .newest_first = Chance(50)};
    query.limit = 1 + Number(40);
    query.scan_rows_max = 10 + Number(100);
    const std::vector<TrailLine> lines = ReadPages("Acme", query, 3);
    // Newest first there is nothing new before the beginning; oldest first there is at the end.
    const Replay::Trail& after = replay_.trail(OrgNamed("acme"));
    ASSERT_EQ(lines, Expected(query.newest_first ? before : after, query)) << Words(query);
  }
}

// Rare records far apart: the blocks between them are passed over, and a budget of a few blocks'
// rows is enough to find them all.
TEST_P(TrailViewTest, BlocksWithoutAHitCostNothing) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  for (int i = 1; i < 5000; ++i) {
    const std::string name = "c" + std::to_string(i);
    Append(Intent("alice", i % 1700 == 0 ? Action(Delete(name)) : Action(Create(name))));
  }
  CatchUp();
  for (const bool newest_first : {true, false}) {
    TrailQuery query{.newest_first = newest_first, .scan_rows_max = 3 * kBlockRecords};
    query.filter.types = TrailFilter::Bit(EventType::kConnectionDeleted);
    const Result<TrailPage> page = SearchTrail(View("Acme"), query);
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    EXPECT_TRUE(page->complete);
    EXPECT_EQ(page->next_cursor, "");
    EXPECT_EQ(page->lines, Expected(replay_.trail(Acme()), query));
    EXPECT_EQ(page->lines.size(), 2);
  }
}

TEST_P(TrailViewTest, ACursorOfAnotherQueryOrOrgIsRefused) {
  Grow(500);
  TrailQuery query{.limit = 3};
  const std::string cursor = SearchTrail(View("Acme"), query).value().next_cursor;
  ASSERT_NE(cursor, "");
  query.cursor = cursor;
  EXPECT_TRUE(SearchTrail(View("Acme"), query).ok());
  query.limit = 9;  // may differ from page to page
  EXPECT_TRUE(SearchTrail(View("Acme"), query).ok());
  std::vector<TrailQuery> others(7, query);
  others[0].newest_first = false;
  others[1].filter.types = 2;
  others[2].filter.verdicts = 2;
  others[3].filter.marks = 1;
  others[4].filter.from_ms = 1;
  others[5].filter.actor = IdNamed("person1");
  others[6].filter.subject = KeyOf(ConnectionNamed("pager"));
  for (const TrailQuery& other : others) {
    EXPECT_EQ(SearchTrail(View("Acme"), other).status().code(), StatusCode::kInvalidArgument)
        << Words(other);
  }
  EXPECT_EQ(SearchTrail(View("Beta"), query).status().code(), StatusCode::kInvalidArgument);
}

TEST_P(TrailViewTest, ALimitOfNothingIsOneOfOne) {
  Grow(20);
  const TrailQuery query{.limit = 0, .scan_rows_max = 0};
  const Result<TrailPage> page = SearchTrail(View("Acme"), query);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->lines.size(), 1);
  EXPECT_NE(page->next_cursor, "");
}

}  // namespace
}  // namespace conntrail
