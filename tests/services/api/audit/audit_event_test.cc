#include "services/api/audit/audit_event.h"

#include <algorithm>

#include "services/api/audit/event_words.h"
#include "tests/services/api/audit/audit_story.h"

namespace conntrail::api {
namespace {

std::string TextAt(const AuditEvent& event, std::string_view path) {
  const Tree* found = event.document.attributes.Find(path);
  return found == nullptr || found->text() == nullptr ? "" : *found->text();
}

TEST(AuditEvent, ARecordReadsAsASentence) {
  const std::string alice = UserNamed("alice").ToString();
  const std::string bob = UserNamed("bob").ToString();
  const std::vector<AuditEvent> events = AllEvents(AuditStory().View());
  const auto message = [&](size_t i) { return events.at(i).document.message; };
  EXPECT_EQ(message(0), "the log opened organization \"Acme\"");
  EXPECT_EQ(message(1), alice + " created connection \"=pager\"");
  EXPECT_EQ(message(2), alice + " edited connection \"=pager\" (integration.base_url)");
  EXPECT_EQ(message(3),
            alice + " replaced the restriction policy of connection \"=pager\" (2 grants)");
  EXPECT_EQ(message(4),
            bob + " was not allowed to delete connection \"=pager\": editor_relation_required");
  EXPECT_EQ(message(16), alice + " could not delete connection " +
                             ConnectionNamed("no such").ToString() + ": connection_not_found");
  EXPECT_EQ(message(17), alice + " sent a record that is invalid: invalid_field");
  EXPECT_EQ(events.at(19).document.message,
            alice + " asked once more to delete connection \"=pager\"");
}

TEST(AuditEvent, AnEditShowsTheStateBeforeAndAfter) {
  const AuditEvent edit = AllEvents(AuditStory().View()).at(2);
  EXPECT_EQ(TextAt(edit, "asset.prev_value.integration.base_url"), "https://eu");
  EXPECT_EQ(TextAt(edit, "asset.new_value.integration.base_url"), "https://us");
  EXPECT_EQ(TextAt(edit, "asset.prev_value.name"), "=pager");
  EXPECT_EQ(TextAt(edit, "http.useragent"), "terraform/1.9");
  EXPECT_EQ(TextAt(edit, "network.client.ip"), "10.1.2.3");
  EXPECT_EQ(TextAt(edit, "auth_method"), "API_AND_APP_KEY");
  EXPECT_EQ(TextAt(edit, "metadata.application_key.id"), KeyNamed("alice's key").ToString());
  EXPECT_EQ(TextAt(edit, "metadata.dd.request_id"), "req-7");
  EXPECT_EQ(TextAt(edit, "conntrail.ticket"), "SEC-12");
  EXPECT_EQ(TextAt(edit, "usr.uuid"), UserNamed("alice").id.ToString());
}

TEST(AuditEvent, ARefusalShowsNoChange) {
  const AuditEvent refused = AllEvents(AuditStory().View()).at(4);
  EXPECT_EQ(refused.document.attributes.Find("asset.new_value"), nullptr);
  EXPECT_EQ(refused.document.status, "warn");
  EXPECT_EQ(TextAt(refused, "asset.id"), ConnectionNamed("=pager").ToString());
}

TEST(AuditEvent, TheDocumentedQueriesFindTheirEvents) {
  const std::vector<AuditEvent> events = AllEvents(AuditStory().View());
  const auto found = [&](std::string_view text) {
    const QueryNode query = QueryOf(text);
    std::vector<size_t> indexes;
    for (size_t i = 0; i < events.size(); ++i) {
      if (Matches(query, events[i].document)) indexes.push_back(i);
    }
    return indexes;
  };
  using Indexes = std::vector<size_t>;
  EXPECT_EQ(found("@evt.name:\"Custom Connections\" @asset.type:custom_connection "
                  "@action:(created OR deleted OR modified) status:info"),
            (Indexes{1, 2, 6, 18, 19}));
  EXPECT_EQ(found("@evt.name:\"Access Management\" @asset.type:restriction_policy "
                  "@action:(modified OR deleted)"),
            (Indexes{3, 5, 15}));
  EXPECT_EQ(found("@asset.type:restriction_policy @action:deleted"), (Indexes{15}));
  EXPECT_EQ(found("@evt.name:Workflows @asset.type:workflow @action:created"), (Indexes{12}));
  EXPECT_EQ(found("@asset.type:application_key @action:(created OR deleted)"), (Indexes{10, 11}));
  EXPECT_EQ(found("@evt.name:Integration @asset.type:integration"), (Indexes{13}));
  EXPECT_EQ(found("@asset.type:action_platform_task @metadata.connection_id:" +
                  ConnectionNamed("=pager").ToString()),
            (Indexes{7}));
  EXPECT_EQ(found("CIDR(@network.client.ip, 10.0.0.0/8)"), (Indexes{2}));
  EXPECT_EQ(found("@evt.actor.type:SYSTEM"), (Indexes{0}));
}

class AuditEventTest : public ViewsTest {};

TEST_P(AuditEventTest, AnIdFindsItsRecordAgainWhateverWasWrittenSince) {
  Grow(400);
  std::vector<std::string> before;
  for (const AuditEvent& event : AllEvents(View("Acme"))) before.push_back(ToJson(event.document));
  Grow(400);
  const OrgView org = View("Acme");
  for (const std::string& json : before) {
    const std::string id = nlohmann::json::parse(json).at("id");
    const Result<AuditEvent> found = FindAuditEvent(org, id);
    ASSERT_TRUE(found.ok()) << id << ": " << found.status().ToString();
    EXPECT_EQ(ToJson(found->document), json);
    std::string other = id;
    other[10] = other[10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(FindAuditEvent(org, other).status().code(), StatusCode::kNotFound);
  }
  for (const char* id : {"", "AQ", "zzz", "=", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(FindAuditEvent(org, id).status().code(), StatusCode::kNotFound) << id;
  }
}

TEST_P(AuditEventTest, WhatARecordIsCalledIsOneOfTheNamesOfItsType) {
  Grow(1500);
  for (const char* name : {"Acme", "Beta", "_system"}) {
    for (const AuditEvent& event : AllEvents(View(name))) {
      const std::string evt_name = TextAt(event, "evt.name");
      const std::string asset_type = TextAt(event, "asset.type");
      const std::string action = TextAt(event, "action");
      const auto possible = PossibleWords(event.line.type);
      EXPECT_NE(
          std::find(possible.begin(), possible.end(), EventWords{evt_name, asset_type, action}),
          possible.end())
          << ToJson(event.document);
      EXPECT_TRUE(nlohmann::json::accept(ToJson(event.document)));
      EXPECT_FALSE(event.document.message.empty());
    }
  }
}

TEST_P(AuditEventTest, AStateThatIsShownIsThatOfTheHistory) {
  Grow(800);
  const OrgView org = View("Acme");
  size_t shown = 0;
  const std::vector<AuditEvent> events = AllEvents(org);
  std::map<EntityKey, std::string> states;  // by looking at one record after the other
  for (const AuditEvent& event : events) {
    const Tree* after = event.document.attributes.Find("asset.new_value");
    const Tree* before = event.document.attributes.Find("asset.prev_value");
    const auto text = [](const Tree* tree) {
      JsonWriter out;
      if (tree != nullptr) tree->Write(out);
      return out.Take();
    };
    std::string& state = states[event.line.subject];
    if (after != nullptr) {
      ++shown;
      EXPECT_EQ(text(before), state) << ToJson(event.document);
      state = text(after);
    }
  }
  EXPECT_GT(shown, 50u);
}

CONNTRAIL_VIEWS_TESTS(AuditEventTest);

}  // namespace
}  // namespace conntrail::api
