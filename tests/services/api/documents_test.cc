#include "services/api/access_document.h"
#include "services/api/history_document.h"
#include "tests/services/api/audit/audit_story.h"

namespace conntrail::api {
namespace {

using nlohmann::json;

TEST(AccessDocument, WhoCanNamesEveryWay) {
  const AuditStory story;
  const OrgView org = story.View();
  const Moment shared = Moment::AtIndex(OrgIndex(8));
  const auto who = WhoCan(org, ConnectionNamed("=pager"), Relation::kViewer, shared);
  ASSERT_TRUE(who.ok()) << who.status().ToString();
  const json document = json::parse(AccountAccessDocument(*who));
  EXPECT_EQ(document.at("meta").at("page").at("total"), who->size());
  bool saw_bob = false;
  for (const json& access : document.at("data")) {
    EXPECT_EQ(access.at("type"), "account_access");
    if (access.at("id") != UserNamed("bob").ToString()) continue;
    saw_bob = true;
    const json& attributes = access.at("attributes");
    EXPECT_EQ(attributes.at("relation"), "viewer");
    ASSERT_EQ(attributes.at("paths").size(), 1u);
    EXPECT_EQ(attributes.at("paths")[0].at("via"), "direct");
    EXPECT_EQ(attributes.at("paths")[0].at("granted_index"), 5);
    EXPECT_EQ(attributes.at("paths")[0].at("principal"), UserNamed("bob").ToString());
  }
  EXPECT_TRUE(saw_bob);
}

TEST(AccessDocument, AWayThroughAGroupTellsSinceWhen) {
  AccountAccess access{.account = UserNamed("bob"), .relation = Relation::kEditor};
  AccessPath path;
  path.grant = Editor(TeamNamed("ops"));
  path.granted = {kNoonMs, OrgIndex(3)};
  path.joined = Place{kNoonMs + 1, OrgIndex(9)};
  path.group_name = "Ops";
  access.paths = {path};
  const json shown = json::parse(AccountAccessDocument({access})).at("data")[0].at("attributes");
  EXPECT_EQ(shown.at("paths")[0].at("via"), "group");
  EXPECT_EQ(shown.at("paths")[0].at("group_name"), "Ops");
  EXPECT_EQ(shown.at("paths")[0].at("joined_at"), "2024-05-01T12:00:00.001Z");
  EXPECT_EQ(shown.at("paths")[0].at("joined_index"), 9);
}

TEST(AccessDocument, WhatSomebodyCanIsByConnection) {
  const AuditStory story;
  const OrgView org = story.View();
  const auto what =
      WhatCan(org, UserNamed("alice"), Relation::kEditor, Moment::AtIndex(OrgIndex(2)));
  ASSERT_TRUE(what.ok()) << what.status().ToString();
  const IntegrationAccess slack{.integration = {7, 7},
                                .type = "Slack",
                                .account = "acme",
                                .scopes = {"chat:write"},
                                .connected = {1'714'564'800'001, OrgIndex(9)}};
  const json document = json::parse(ConnectionAccessDocument(*what, {slack}));
  EXPECT_EQ(document.at("included"), json::parse(R"([{"id":"00000000-0000-0007-0000-000000000007",
      "type":"integration_access","attributes":{"account":"acme","connected_index":9,
      "connected_at":"2024-05-01T12:00:00.001Z","scopes":["chat:write"],"type":"Slack"}}])"));
  ASSERT_EQ(document.at("data").size(), 1u);
  EXPECT_EQ(document.at("data")[0].at("id"), ConnectionNamed("=pager").ToString());
  EXPECT_EQ(document.at("data")[0].at("attributes").at("paths")[0].at("via"), "default");
}

TEST(HistoryDocument, ChangesAreShownAndIdsFindTheirAuditEvents) {
  const AuditStory story;
  const OrgView org = story.View();
  HistoryQuery query;
  query.id = ConnectionNamed("=pager").uuid;
  query.newest_first = false;
  query.limit = 3;
  const auto page = ReadHistory(org, query);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  const json document = json::parse(HistoryDocument(*page, true));
  ASSERT_EQ(document.at("data").size(), 3u);
  EXPECT_TRUE(document.at("meta").at("page").at("after").is_string());
  const json& edit = document.at("data")[1];
  EXPECT_EQ(edit.at("type"), "connection_change");
  EXPECT_EQ(edit.at("attributes").at("changes"),
            json::parse(R"([{"after":"https://us","before":"https://eu",
                             "path":"integration.base_url"}])"));
  EXPECT_EQ(edit.at("attributes").at("state").at("integration").at("base_url"), "https://us");
  EXPECT_TRUE(FindAuditEvent(org, edit.at("id").get<std::string>()).ok());
  EXPECT_FALSE(
      json::parse(HistoryDocument(*page, false)).at("data")[1].at("attributes").contains("state"));
}

TEST(CountsDocument, CountsAreThoseOfTheView) {
  const AuditStory story;
  const OrgView org = story.View();
  const auto counts = CountOrg(org, Moment::Now());
  ASSERT_TRUE(counts.ok());
  const json data = json::parse(CountsDocument(org.state(), *counts)).at("data");
  EXPECT_EQ(data.at("type"), "org_counts");
  EXPECT_EQ(data.at("id"), Acme().ToString());
  EXPECT_EQ(data.at("attributes").at("records"), 20);
  EXPECT_EQ(data.at("attributes").at("connections_deleted"), 1);
  uint64_t sum = 0;
  for (const json& count : data.at("attributes").at("by_type")) {
    sum += count.at("count").get<uint64_t>();
  }
  EXPECT_EQ(sum, 20u);
}

}  // namespace
}  // namespace conntrail::api
