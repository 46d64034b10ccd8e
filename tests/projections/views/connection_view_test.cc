#include "projections/views/connection_view.h"

#include <algorithm>

#include "tests/projections/views/views_test_base.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

class ConnectionViewTest : public ViewsTest {
 protected:
  uint64_t Number(uint64_t bound) { return random_() % bound; }
  bool Chance(uint64_t percent) { return Number(100) < percent; }

  static bool HasText(const Connection& c, std::string_view path, const std::string& text) {
    const FieldValue* value = FindField(c.fields, path);
    return value != nullptr && *value == FieldValue(text);
  }

  static std::string Lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return lower;
  }

  static bool IsTaken(const Connection& c, const ConnectionFilter& f) {
    if (c.life.deleted && !f.with_deleted) return false;
    if (Lower(c.name()).find(Lower(f.name_contains)) == std::string::npos) return false;
    if (!f.integration_type.empty() && !HasText(c, "integration.type", f.integration_type)) {
      return false;
    }
    if (!f.tag.empty()) {
      const FieldValue* tags = FindField(c.fields, "tags");
      const auto* list = tags == nullptr ? nullptr : std::get_if<TextList>(tags);
      if (list == nullptr || std::count(list->begin(), list->end(), f.tag) == 0) return false;
    }
    if (f.suspended && *f.suspended != c.suspended) return false;
    if (f.has_credential && *f.has_credential != c.credential.present) return false;
    if (!f.granted) return true;
    return std::any_of(c.grants.begin(), c.grants.end(), [&](const HeldGrant& held) {
      return SamePrincipal(held.grant.principal, *f.granted);
    });
  }

  static std::vector<Connection> Expected(const Replay::State& state,
                                          const ConnectionQuery& query) {
    std::vector<Connection> found;
    for (const auto& [key, entity] : state) {
      const auto* connection = std::get_if<Connection>(&entity);
      if (connection != nullptr && IsTaken(*connection, query.filter)) {
        found.push_back(*connection);
      }
    }
    const auto rank = [&](const Connection& c) -> std::tuple<std::string, uint64_t, Uuid> {
      switch (query.order) {
        case ConnectionOrder::kName:
          return {Lower(c.name()), 0, c.id.uuid};
        case ConnectionOrder::kId:
          return {"", 0, c.id.uuid};
        case ConnectionOrder::kCreated:
          return {"", c.life.created.index.value, c.id.uuid};
        case ConnectionOrder::kChanged:
          return {"", c.life.changed.index.value, c.id.uuid};
      }
      return {};
    };
    std::sort(found.begin(), found.end(),
              [&](const Connection& a, const Connection& b) { return rank(a) < rank(b); });
    return found;
  }

  ConnectionFilter SomeFilter() {
    ConnectionFilter filter;
    if (Chance(30))
      filter.name_contains = std::array{"pag", "PAGER", "d", "nothing", "é"}[Number(5)];
    if (Chance(20)) filter.integration_type = std::array{"HTTP", "slack", "http"}[Number(3)];
    if (Chance(20)) filter.tag = std::array{"env:prod", "team:1", "env"}[Number(3)];
    if (Chance(15)) filter.suspended = Chance(50);
    if (Chance(20)) filter.has_credential = Chance(50);
    if (Chance(20)) filter.granted = Principal::User(IdNamed("person" + std::to_string(Number(3))));
    if (Chance(10)) filter.granted = Principal::Team(IdNamed("team0"));
    filter.with_deleted = Chance(40);
    return filter;
  }

  std::vector<Connection> ReadPages(ConnectionQuery query, size_t total, int grows) {
    std::vector<Connection> found;
    std::optional<Place> at;
    for (;;) {
      const Result<ConnectionPage> page = ListConnections(View("Acme"), query);
      EXPECT_TRUE(page.ok()) << page.status().ToString();
      if (!page.ok()) return found;
      EXPECT_EQ(page->total, total);
      if (!at) at = page->at;
      EXPECT_EQ(page->at, *at) << "the moment moved between pages";
      found.insert(found.end(), page->connections.begin(), page->connections.end());
      if (page->next_cursor.empty() || found.size() > 1000) return found;
      EXPECT_EQ(page->connections.size(), query.limit);
      query.cursor = page->next_cursor;
      if (grows-- > 0) Grow(20);
    }
  }

  std::mt19937_64 random_{11};
};
CONNTRAIL_VIEWS_TESTS(ConnectionViewTest);

TEST_P(ConnectionViewTest, AListIsPinnedToItsMomentWhateverIsWrittenBetweenPages) {
  Grow(700);
  size_t listed = 0;
  for (int i = 0; i < 400; ++i) {
    const Replay::Trail& trail = replay_.trail(OrgNamed("acme"));
    ConnectionQuery query{.filter = SomeFilter(),
                          .order = static_cast<ConnectionOrder>(Number(4)),
                          .limit = std::array<size_t, 5>{1, 2, 3, 5, 50}[Number(5)]};
    size_t seen = trail.size();
    if (Chance(40)) {
      const size_t index = Number(trail.size());
      query.at = Moment::AtIndex(OrgIndex(index));
      seen = index + 1;
    } else if (Chance(40)) {
      query.at = Moment::At(trail[Number(trail.size())].line().place.time_ms);
      seen = Replay::CountUpTo(trail, query.at.time_ms);
    }
    const auto expected = Expected(Replay::StateAfter(trail, seen), query);
    const auto found = ReadPages(query, expected.size(), i % 10 == 0 ? 2 : 0);
    ASSERT_EQ(found, expected) << "query " << i << " seeing " << seen;
    listed += found.size();
  }
  EXPECT_GT(listed, 500);
}

TEST_P(ConnectionViewTest, AListOfAnEmptyOrgIsEmpty) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  CatchUp();
  const auto page = ListConnections(View("_system"), {});
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_EQ(page->total, 0);
  EXPECT_EQ(page->next_cursor, "");
}

TEST_P(ConnectionViewTest, TheLongestNameCanEndAPage) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  const std::string longest(kTextBytesMax, 'x');
  for (const char* id : {"a", "b", "c"}) {
    ConnectionCreated created = Create(id);
    SetField(created.fields, "name", longest);
    Append(Observation(created));  // of an intent it would be too long
  }
  CatchUp();
  ConnectionQuery query{.limit = 1};
  for (int i = 0; i < 3; ++i) {
    const auto page = ListConnections(View("Acme"), query);
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    ASSERT_EQ(page->connections.size(), 1);
    EXPECT_EQ(page->next_cursor.empty(), i == 2);
    query.cursor = page->next_cursor;
  }
}

TEST_P(ConnectionViewTest, ACursorOfAnotherListIsRefused) {
  Grow(400);
  ConnectionQuery query{.filter = {.name_contains = "p|", .integration_type = ""}, .limit = 1};
  query.filter.name_contains = "p";
  query.cursor = ListConnections(View("Acme"), query).value().next_cursor;
  ASSERT_NE(query.cursor, "");
  EXPECT_TRUE(ListConnections(View("Acme"), query).ok());
  EXPECT_EQ(ListConnections(View("Beta"), query).status().code(), StatusCode::kInvalidArgument);
  std::vector<ConnectionQuery> others(8, query);
  others[0].order = ConnectionOrder::kId;
  others[1].filter.name_contains = "P";
  others[2].filter.integration_type = "HTTP";
  others[3].filter.tag = "a";
  others[4].filter.suspended = false;
  others[5].filter.has_credential = false;
  others[6].filter.granted = UserNamed("alice");
  others[7].filter.with_deleted = true;
  for (const ConnectionQuery& other : others) {
    EXPECT_EQ(ListConnections(View("Acme"), other).status().code(), StatusCode::kInvalidArgument);
  }
}

TEST_P(ConnectionViewTest, ACursorTellsTextsApartThatReadTheSameTogether) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  for (const char* id : {"a", "b"}) {
    ConnectionCreated created = Create(id);
    SetField(created.fields, "name", std::string("x|y"));
    SetField(created.fields, "integration.type", std::string("z"));
    Append(Intent("alice", created));
  }
  CatchUp();
  ConnectionQuery query{.filter = {.name_contains = "x|y", .integration_type = "z"}, .limit = 1};
  const auto page = ListConnections(View("Acme"), query);
  ASSERT_TRUE(page.ok());
  ASSERT_NE(page->next_cursor, "");
  ConnectionQuery other{.filter = {.name_contains = "x", .integration_type = "y|z"},
                        .cursor = page->next_cursor};
  EXPECT_EQ(ListConnections(View("Acme"), other).status().code(), StatusCode::kInvalidArgument);
}

TEST_P(ConnectionViewTest, AConnectionIsFoundDeletedOrNotOnceItExisted) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(Intent("alice", Create("pager")));
  Append(Intent("alice", Delete("pager")));
  CatchUp();
  const ConnectionId id = ConnectionNamed("pager");
  const auto at = [](uint64_t index) { return Moment::AtIndex(OrgIndex(index)); };
  EXPECT_EQ(FindConnection(View("Acme"), id, at(0)).status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(FindConnection(View("Acme"), id, at(1)).value().life.deleted);
  EXPECT_TRUE(FindConnection(View("Acme"), id, at(2)).value().life.deleted);
  EXPECT_TRUE(FindConnection(View("Acme"), id, Moment::Now()).value().life.deleted);
  EXPECT_EQ(FindConnection(View("Acme"), id, at(3)).status().code(), StatusCode::kNotFound);
}

// ---- history

std::vector<HistoryEntry> ExpectedHistory(const Replay::Trail& trail, const HistoryQuery& query) {
  std::vector<HistoryEntry> entries;
  std::optional<Entity> state;
  for (const Replay::Record& record : trail) {
    const EntityKey& subject = record.line().subject;
    if (subject.kind != query.kind || subject.id != query.id) continue;
    const Entity* after = record.subject();
    if (after == nullptr) {
      if (!query.changes_only) entries.push_back({record.line(), {}, std::nullopt});
      continue;
    }
    const Fields before = state ? FlattenEntity(*state) : Fields{};
    entries.push_back({record.line(), DiffFields(before, FlattenEntity(*after)), *after});
    state = *after;
  }
  if (query.newest_first) std::reverse(entries.begin(), entries.end());
  return entries;
}

TEST_P(ConnectionViewTest, HistoryTellsEveryChangeInBothDirectionsOnPagesOfAnySize) {
  Grow(1300);
  size_t told = 0;
  for (const OrgId& org : replay_.orgs()) {
    const Replay::Trail& trail = replay_.trail(org);
    const OrgView view = View(org.ToString());
    for (const auto& [key, entity] : Replay::StateAfter(trail, trail.size())) {
      for (const size_t limit : {1, 2, 3, 7, 50, 100'000}) {
        for (const int kind : {0, 1, 2, 3}) {
          HistoryQuery query{.kind = key.first,
                             .id = key.second,
                             .newest_first = (kind & 1) != 0,
                             .changes_only = (kind & 2) != 0,
                             .limit = limit};
          const std::vector<HistoryEntry> expected = ExpectedHistory(trail, query);
          std::vector<HistoryEntry> found;
          do {
            const Result<HistoryPage> page = ReadHistory(view, query);
            ASSERT_TRUE(page.ok()) << page.status().ToString();
            ASSERT_FALSE(page->entries.empty() && !page->next_cursor.empty());
            found.insert(found.end(), page->entries.begin(), page->entries.end());
            query.cursor = page->next_cursor;
          } while (!query.cursor.empty());
          ASSERT_EQ(found.size(), expected.size()) << key.second.ToString();
          for (size_t i = 0; i < found.size(); ++i) {
            ASSERT_EQ(found[i].line, expected[i].line);
            ASSERT_EQ(found[i].after, expected[i].after);
            ASSERT_EQ(found[i].changes, expected[i].changes)
                << "index " << found[i].line.place.index.value << ", limit " << limit << ", kind "
                << kind;
          }
          told += found.size();
        }
      }
    }
  }
  EXPECT_GT(told, 10'000);
}

TEST_P(ConnectionViewTest, HistoryRefusesTheCursorOfAnotherEntity) {
  Grow(600);
  HistoryQuery query{.id = IdNamed("connection1"), .limit = 1};
  query.cursor = ReadHistory(View("Acme"), query).value().next_cursor;
  ASSERT_NE(query.cursor, "");
  EXPECT_TRUE(ReadHistory(View("Acme"), query).ok());
  std::vector<HistoryQuery> others(4, query);
  others[0].id = IdNamed("connection2");
  others[1].newest_first = false;
  others[2].changes_only = true;
  others[3].kind = EntityKind::kWorkflow;
  for (const HistoryQuery& other : others) {
    EXPECT_EQ(ReadHistory(View("Acme"), other).status().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ReadHistory(View("Beta"), query).status().code(), StatusCode::kInvalidArgument);
  query.cursor.clear();
  query.limit = 0;  // counts as 1
  EXPECT_EQ(ReadHistory(View("Acme"), query).value().entries.size(), 1);
}

TEST_P(ConnectionViewTest, TheFlatFormSaysWhatIsTrueOfAConnection) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  Append(Intent("alice", Create("pager")));
  Append(Intent("alice", Issue("pager", "s3cret")));
  Append(Intent("alice", Replace("pager", {Editor(UserNamed("alice")), Viewer(TeamNamed("ops"))})));
  Append(Intent("alice", Suspend("pager")));
  CatchUp();
  const HistoryQuery query{.id = IdNamed("pager"), .newest_first = false};
  std::vector<std::vector<std::string>> told;
  const HistoryPage page = ReadHistory(View("Acme"), query).value();
  for (const HistoryEntry& entry : page.entries) {
    for (std::vector<std::string>& paths = told.emplace_back();
         const FieldChange& change : entry.changes) {
      paths.push_back(change.path);
    }
  }
  EXPECT_EQ(told, (std::vector<std::vector<std::string>>{
                      {"name"},
                      {"credential", "credential.fingerprint.token", "credential.version"},
                      {"grants", "restricted"},
                      {"suspended"}}));
  const auto now = FindConnection(View("Acme"), ConnectionNamed("pager"), Moment::Now());
  const Fields flat = FlattenEntity(*now);
  const TextList grants = {"editor " + UserNamed("alice").ToString(),
                           "viewer " + TeamNamed("ops").ToString()};
  ASSERT_NE(FindField(flat, "grants"), nullptr);
  EXPECT_EQ(*FindField(flat, "grants"), FieldValue(grants));
}

// A source's document may have fields of any name.
TEST_P(ConnectionViewTest, AFieldNamedLikeAFactDoesNotHideTheFact) {
  Append(OfTheLog(OrgOpened{"Acme"}));
  ConnectionCreated created = Create("pager");
  SetField(created.fields, "suspended", std::string("no"));
  Append(Observation(created));
  Append(Observation(Suspend("pager")));
  CatchUp();
  const HistoryQuery query{.id = IdNamed("pager"), .limit = 1};
  const auto page = ReadHistory(View("Acme"), query).value();
  EXPECT_FALSE(page.entries.at(0).changes.empty());
}

}  // namespace
}  // namespace conntrail
