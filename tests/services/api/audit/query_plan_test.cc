#include "services/api/audit/query_plan.h"

#include <algorithm>
#include <random>

#include "tests/services/api/audit/audit_test_base.h"

namespace conntrail::api {
namespace {

// Queries made of what documents hold, so that they take something now and then.
class SomeQueries {
 public:
  SomeQueries(const std::vector<AuditEvent>& events, uint64_t seed)
      : events_(events), random_(seed) {}

  uint64_t Number(uint64_t bound) { return random_() % bound; }

  std::string Next() {
    std::string text = Condition();
    for (uint64_t i = Number(3); i > 0; --i) text += " " + Condition();
    return text;
  }

 private:
  static constexpr const char* kPaths[] = {"action",
                                           "asset.type",
                                           "evt.name",
                                           "conntrail.event_type",
                                           "conntrail.verdict",
                                           "status",
                                           "usr.id",
                                           "usr.uuid",
                                           "asset.id",
                                           "metadata.connection_id",
                                           "conntrail.marks",
                                           "asset.name",
                                           "conntrail.reason",
                                           "conntrail.interface",
                                           "evt.actor.type",
                                           "conntrail.revision",
                                           "conntrail.comment",
                                           "metadata.step_name",
                                           "asset.new_value.name",
                                           "conntrail.details.relation"};

  std::string Condition() {
    switch (Number(12)) {
      case 0:
        return "-" + Facet();
      case 1:
        return "(" + Facet() + " OR " + Facet() + ")";
      case 2:
        return "(" + Facet() + " -" + Facet() + ")";
      case 3:
        return Number(2) == 0 ? "outcome:applied" : "status:(info OR warn)";
      case 4:
        return "NOT (" + Facet() + " OR " + Facet() + ")";
      case 5:
        return Number(2) == 0 ? "user" : "*:pager";
      default:
        return Facet();
    }
  }

  // A condition on a value that some document has, as it is or with a wildcard.
  std::string Facet() {
    const std::string path = kPaths[Number(std::size(kPaths))];
    std::string value;
    const Tree& attributes = events_[Number(events_.size())].document.attributes;
    attributes.AnyAt(path, [&](const Tree& found) {
      if (found.text() != nullptr) value = *found.text();
      if (found.natural() != nullptr) value = std::to_string(*found.natural());
      return Number(2) == 0;
    });
    if (value.empty() || Number(20) == 0) return "@" + path + ":*";
    if (Number(6) == 0) return "@" + path + ":nothing";
    const bool is_ascii = std::all_of(value.begin(), value.end(), [](char c) { return c > 0; });
    const bool is_cut = is_ascii && value.size() > 3 && Number(5) == 0;
    std::string escaped;
    for (const char c : is_cut ? value.substr(0, 3) : value) {
      if (c > 0) escaped += '\\';
      escaped += c;
    }
    return "@" + path + ":" + escaped + (is_cut ? "*" : "");
  }

  const std::vector<AuditEvent>& events_;
  std::mt19937_64 random_;
};

class QueryPlanTest : public ViewsTest {};

TEST_P(QueryPlanTest, AScanWithAPlanFindsWhatLookingAtEveryRecordFinds) {
  constexpr uint64_t kQueriesSeed = 5;
  Grow(1500);
  for (const char* name : {"Acme", "_system"}) {
    const OrgView org = View(name);
    const std::vector<AuditEvent> events = AllEvents(org);
    ASSERT_FALSE(events.empty());
    SomeQueries queries(events, kQueriesSeed);
    size_t found = 0;
    size_t narrowed = 0;
    for (int i = 0; i < 700; ++i) {
      const std::string text = queries.Next();
      const QueryNode query = QueryOf(text);
      std::vector<std::string> expected;
      for (const AuditEvent& event : events) {
        if (Matches(query, event.document)) expected.push_back(event.document.id);
      }
      AuditScan scan(org, query, {}, false, std::nullopt);
      std::vector<std::string> ids;
      const auto take = [&](AuditEvent& event) {
        ids.push_back(event.document.id);
        return Status::Ok();
      };
      const Result<WalkEnd> end = scan.Step(
          1'000'000, [] { return false; }, take);
      ASSERT_TRUE(end.ok()) << text << ": " << end.status().ToString();
      ASSERT_EQ(ids, expected) << text << ", seed " << kQueriesSeed;
      found += expected.empty() ? 0 : 1;
      const QueryPlan plan = PlanOf(query);
      narrowed += plan.takes_nothing || plan.subject || plan.filter.actor ||
                  plan.filter.types != 0 || plan.filter.verdicts != 0;
    }
    EXPECT_GT(found, 100u);
    EXPECT_GT(narrowed, 300u);
  }
}

CONNTRAIL_VIEWS_TESTS(QueryPlanTest);

TEST(QueryPlan, WhatTheIndexesServeIsTakenFromAQuery) {
  const std::string id = "550e8400-e29b-41d4-a716-446655440000";
  const QueryPlan plan = PlanOf(QueryOf(
      "@evt.name:\"Custom Connections\" @asset.type:custom_connection @action:(created OR deleted) "
      "status:warn @usr.id:user\\:" +
      id));
  EXPECT_EQ(plan.filter.types, TrailFilter::Bit(EventType::kConnectionCreated) |
                                   TrailFilter::Bit(EventType::kConnectionDeleted));
  EXPECT_EQ(plan.filter.verdicts, TrailFilter::Bit(Verdict::kDenied) |
                                      TrailFilter::Bit(Verdict::kRejected) |
                                      TrailFilter::Bit(Verdict::kConflict));
  EXPECT_EQ(plan.filter.actor, Uuid::Parse(id));
  EXPECT_EQ(PlanOf(QueryOf("@asset.id:" + id)).subject, Uuid::Parse(id));
  EXPECT_EQ(PlanOf(QueryOf("@metadata.connection_id:" + id)).filter.subject,
            (EntityKey{EntityKind::kConnection, *Uuid::Parse(id), {}}));
}

TEST(QueryPlan, WhatCannotBeIsKnownWithoutLooking) {
  for (const char* text : {"@action:started", "@action:created @action:deleted", "status:fatal",
                           "@asset.id:pager", "@usr.id:alice", "@conntrail.marks:red",
                           "@evt.name:Workflows @asset.type:custom_connection"}) {
    EXPECT_TRUE(PlanOf(QueryOf(text)).takes_nothing) << text;
  }
}

TEST(QueryPlan, AnAlternativeNarrowsNothing) {
  const QueryPlan plan = PlanOf(QueryOf("@action:created OR pager"));
  EXPECT_FALSE(plan.takes_nothing);
  EXPECT_EQ(plan.filter.types, 0u);
}

}  // namespace
}  // namespace conntrail::api
