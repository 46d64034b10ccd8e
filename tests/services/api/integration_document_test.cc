#include "services/api/integration_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

const Principal kAlice = UserNamed("alice");

Parsed<IntegrationConnected> Read(const Json& attributes) {
  return ReadNewConnectedIntegration(Envelope("integration", attributes).dump(), IdNamed("chat"),
                                     kAlice, TestFingerprinter());
}

Json Whole() {
  return {{"type", "Slack"},
          {"account", "acme.slack.example"},
          {"consent",
           {{"provider", "Slack"},
            {"client_id", "1234.5678"},
            {"scopes", {"chat:write", "users:read"}},
            {"given_by", UserNamed("bob").ToString()}}},
          {"secrets", {{"bot", kSecretMark}, {"signing_secret", kSecretMark + "2"}}}};
}

TEST(IntegrationDocument, ComesBackAsItWasSentWithoutItsSecrets) {
  for (const std::string_view type : ConnectableTypes()) {
    Json sent = Whole();
    sent["type"] = type;
    const auto connected = Read(sent);
    ASSERT_TRUE(connected.ok()) << connected.fault().detail;
    OrgInMemory acme;
    const Event event = Intent("alice", *connected);
    const Bytes bytes = EncodeEvent(event);
    EXPECT_EQ(AsText(bytes).find(kSecretMark), std::string_view::npos);
    EXPECT_EQ(DecodeEvent(bytes).event, event);
    ASSERT_EQ(acme.Says(event), "applied");

    JsonWriter out;
    WriteConnectedIntegration(
        out, *acme.Find<Integration>({EntityKind::kIntegration, IdNamed("chat"), {}}));
    const Json answer = Json::parse(out.text());
    EXPECT_EQ(answer["type"], "integration");
    EXPECT_EQ(answer["id"], IdNamed("chat").ToString());
    Json attributes = answer["attributes"];
    EXPECT_EQ(attributes["revision"], 1);
    for (const char* added : {"revision", "created_at", "last_updated"}) attributes.erase(added);
    sent["secrets"] = {{"bot", ""}, {"signing_secret", ""}};
    EXPECT_EQ(attributes, sent);
  }
}

TEST(IntegrationDocument, TakesConsentForTheCallersAndTheTypesUnlessItSays) {
  Json sent = Whole();
  sent["consent"] = {{"client_id", "c"}};
  EXPECT_EQ(Read(sent)->consent,
            (Consent{.provider = "Slack", .client_id = "c", .scopes = {}, .given_by = kAlice}));
  sent.erase("consent");
  sent.erase("secrets");
  const auto bare = Read(sent);
  EXPECT_EQ(bare->consent, std::nullopt);
  EXPECT_TRUE(bare->secrets.empty());
}

TEST(IntegrationDocument, SaysWhereABodyIsBadAndRepeatsNothing) {
  struct Case {
    Json change;
    std::string pointer;
    std::string detail;
  };
  const std::string token = "xoxb-0123456789-abcdef";
  const Case cases[] = {
      {{{"type", "AWS"}}, "/type", "must be one of: GitHub, Jira, PagerDuty, Slack"},
      {{{"account", ""}}, "/account", "must not be empty"},
      {{{"account", token}}, "/account", "looks like a Slack token"},
      {{{"consent", "x"}}, "/consent", "must be an object"},
      {{{"consent", Json::object()}}, "/consent", "member \"client_id\" is missing"},
      {{{"consent", {{"client_id", "c"}, {"given_by", "org:x"}}}},
       "/consent/given_by",
       "must be user:<uuid>"},
      {{{"consent", {{"client_id", "c"}, {"scopes", {1}}}}}, "/consent/scopes/0", "must be a text"},
      {{{"consent", {{"client_id", "c"}, {"refresh_token", "x"}}}},
       "/consent/refresh_token",
       "there are: provider, client_id, scopes, given_by"},
      {{{"secrets", {{"bot", ""}}}}, "/secrets/bot", "must not be empty"},
      {{{"secrets", {{"bot", 1}}}}, "/secrets/bot", "must be a text"},
      {{{"secrets", {{token, "x"}}}}, "/secrets", "whose name is not of letters"},
      {{{"secrets", {{"ghp_abcdefghijklmnopqrstuvwxyz0123456789", "x"}}}},
       "/secrets",
       "looks like a GitHub token"},
      {{{"token", "x"}}, "/token", "there are: type, account, consent, secrets"},
  };
  for (const Case& c : cases) {
    Json attributes = Whole();
    attributes.update(c.change);
    const auto connected = Read(attributes);
    ASSERT_FALSE(connected.ok()) << c.change;
    EXPECT_EQ(connected.fault().pointer, "/data/attributes" + c.pointer)
        << connected.fault().detail;
    EXPECT_THAT(connected.fault().detail, testing::HasSubstr(c.detail));
    EXPECT_EQ(connected.fault().detail.find(token), std::string::npos);
  }
}

}  // namespace
}  // namespace conntrail::api
