#include "services/api/connection_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

// As it is answered to whoever sent `integration`.
Json AnswerTo(Json integration, const CredentialVariant& variant, const NewIds& ids) {
  integration = WithoutSecrets(std::move(integration), variant);
  if (variant.type == "AWSAssumeRole") {
    integration["credentials"]["external_id"] = ids.external_id;
    integration["credentials"]["principal_id"] = "464622532012";
  }
  return integration;
}

TEST(ConnectionDocument, OfEveryVariantComesBackAsItWasSentWithoutItsSecrets) {
  size_t variants = 0;
  for (const IntegrationType& type : IntegrationCatalog()) {
    for (const CredentialVariant& variant : type.variants) {
      SCOPED_TRACE(variant.type);
      Desk desk;
      const Json integration = IntegrationOf(type, variant);
      const Json tags = {"env:prod", "team:sre/on-call"};
      ASSERT_EQ(desk.Create({{"name", "pager"}, {"integration", integration}, {"tags", tags}}),
                "applied");
      const Json answer = desk.Answer();
      EXPECT_EQ(answer["type"], "action_connection");
      EXPECT_EQ(answer["id"], desk.ids.connection.ToString());
      EXPECT_EQ(answer["attributes"]["name"], "pager");
      EXPECT_EQ(answer["attributes"]["tags"], tags);
      EXPECT_EQ(answer["attributes"]["integration"], AnswerTo(integration, variant, desk.ids));
      EXPECT_FALSE(answer["attributes"].contains("fields"));
      EXPECT_TRUE(answer["attributes"]["credential"]["present"].get<bool>());
      EXPECT_EQ(desk.bytes().find(kSecretMark), std::string::npos);
      EXPECT_EQ(answer.dump().find(kSecretMark), std::string::npos);
      ++variants;
    }
  }
  EXPECT_EQ(variants, 25 + 12);
}

TEST(ConnectionDocument, OfEveryVariantNeedsOnlyItsRequiredFields) {
  for (const IntegrationType& type : IntegrationCatalog()) {
    for (const CredentialVariant& variant : type.variants) {
      SCOPED_TRACE(variant.type);
      Json integration = IntegrationOf(type, variant);
      for (const CatalogField& field : variant.fields) {
        if (field.required || !field.needed_if.empty()) continue;
        integration["credentials"].erase(std::string(field.name));
      }
      Desk desk;
      ASSERT_EQ(desk.Create({{"name", "pager"}, {"integration", integration}}), "applied");
      EXPECT_EQ(desk.Integration(), AnswerTo(integration, variant, desk.ids));
      for (const CatalogField& field : variant.fields) {
        if (!field.required || field.read_only) continue;
        Json lacking = integration;
        lacking["credentials"].erase(std::string(field.name));
        EXPECT_EQ(Desk().Create({{"name", "pager"}, {"integration", lacking}}),
                  "/data/attributes/integration/credentials: member \"" + std::string(field.name) +
                      "\" is missing");
      }
    }
  }
}

TEST(ConnectionDocument, TellsEachSecretByAFingerprintAtItsPath) {
  Desk desk;
  ASSERT_EQ(desk.Create({{"name", "pager"},
                         {"integration",
                          {{"type", "HTTP"},
                           {"base_url", "https://x.example"},
                           {"credentials",
                            {{"type", "HTTPTokenAuth"},
                             {"tokens",
                              {{{"name", "a"}, {"type", "SECRET"}, {"value", "one"}},
                               {{"name", "b"}, {"type", "SECRET"}, {"value", "one"}}}}}}}}}),
            "applied");
  const auto& secrets = desk.connection().credential.secrets;
  ASSERT_EQ(secrets.size(), 2);
  EXPECT_EQ(secrets[0].field, "integration.credentials.tokens.a");
  EXPECT_EQ(secrets[1].field, "integration.credentials.tokens.b");
  EXPECT_EQ(secrets[0].digest, secrets[1].digest);  // the same secret twice is visible
  const Json credential = desk.Answer()["attributes"]["credential"];
  EXPECT_EQ(
      credential["fingerprints"]["integration.credentials.tokens.a"].get<std::string>().size(), 16);
  EXPECT_EQ(credential["version"], 1);
}

TEST(ConnectionDocument, OfHttpWithoutTokensHasNoCredential) {
  Desk desk;
  ASSERT_EQ(desk.Create({{"name", "pager"},
                         {"integration",
                          {{"type", "HTTP"},
                           {"base_url", "http://x"},
                           {"credentials", {{"type", "HTTPTokenAuth"}}}}}}),
            "applied");
  EXPECT_FALSE(desk.Answer()["attributes"]["credential"]["present"].get<bool>());
  EXPECT_EQ(desk.Answer()["attributes"]["credential"]["fingerprint"], nullptr);
}

TEST(ConnectionDocument, ShowsWhatThePublishedApiShowsBesideItsSchema) {
  Desk desk;
  desk.acme.now_ms = 1783949137434;  // 2026-07-13 13:25:37.434
  const IntegrationType& type = *FindIntegrationType("OpenAI");
  ASSERT_EQ(
      desk.Create({{"name", "pager"}, {"integration", IntegrationOf(type, type.variants[0])}}),
      "applied");
  const Json answer = desk.Answer({.acting_user_can_resolve = true, .last_used_at_ms = 1000});
  const Json& attributes = answer["attributes"];
  EXPECT_EQ(attributes["acting_user_can_resolve"], true);
  EXPECT_EQ(attributes["created_at"], "2026-07-13 13:25:37.434 +0000 UTC");
  EXPECT_EQ(attributes["last_updated"], "2026-07-13 13:25:37.434 +0000 UTC");
  EXPECT_EQ(attributes["is_favorite"], false);
  EXPECT_EQ(attributes["external_secrets_manager"], nullptr);
  EXPECT_EQ(attributes["revision"], 1);
  EXPECT_EQ(attributes["suspended"], false);
  EXPECT_EQ(attributes["scopes"], Json::array());
  EXPECT_EQ(attributes["last_used_at"], "1970-01-01T00:00:01.000Z");
  EXPECT_EQ(attributes["credential"]["rotated_at"], "2026-07-13T13:25:37.434Z");
  EXPECT_EQ(attributes["credential"]["expires_at"], nullptr);
  EXPECT_EQ(answer["relationships"]["created_by"]["data"],
            (Json{{"id", IdNamed("alice").ToString()}, {"type", "created_by"}}));
}

TEST(ConnectionDocument, ShowsConsentAndScopesOfAnAuthorizationCode) {
  Desk desk;
  const IntegrationType& slack = *FindIntegrationType("Slack");
  ASSERT_EQ(
      desk.Create({{"name", "pager"}, {"integration", IntegrationOf(slack, slack.variants[0])}}),
      "applied");
  const Json attributes = desk.Answer()["attributes"];
  EXPECT_EQ(attributes["scopes"], (Json{"read:1", "write:1"}));
  EXPECT_EQ(attributes["credential"]["expires_at"], "2030-01-01T00:00:00.101Z");
  EXPECT_EQ(attributes["credential"]["consent"],
            (Json{{"provider", "Slack"},
                  {"client_id", "text 1"},
                  {"scopes", {"read:1", "write:1"}},
                  {"given_by", UserNamed("alice1").ToString()}}));
}

TEST(GoTime, LeavesTrailingZerosAway) {
  EXPECT_EQ(GoTime(0), "1970-01-01 00:00:00 +0000 UTC");
  EXPECT_EQ(GoTime(40'100), "1970-01-01 00:00:40.1 +0000 UTC");
  EXPECT_EQ(GoTime(1'020), "1970-01-01 00:00:01.02 +0000 UTC");
}

TEST(WriteConnection, ShowsWhatASourceHasBroughtAlthoughItIsOfNoIntegration) {
  Desk desk;
  ConnectionCreated imported{.connection = desk.ids.connection,
                             .fields = {{"metadata.region", std::string("eu")},
                                        {"metadata.size", int64_t{3}},
                                        {"name", std::string("pager")},
                                        {"scopes", TextList{"admin", "read"}}},
                             .secrets = {FingerprintNamed("token", "x")}};
  ASSERT_EQ(desk.acme.Says(Observation(imported)), "applied");
  const Json attributes = desk.Answer()["attributes"];
  EXPECT_EQ(attributes["integration"],
            (Json{{"type", "Custom"}, {"credentials", {{"type", "Custom"}}}}));
  EXPECT_EQ(attributes["scopes"], (Json{"admin", "read"}));
  EXPECT_EQ(attributes["fields"], (Json{{"metadata.region", "eu"}, {"metadata.size", 3}}));
  EXPECT_EQ(attributes["credential"]["fingerprints"]["token"].get<std::string>().size(), 16);
  EXPECT_EQ(desk.Answer()["relationships"]["created_by"]["data"], nullptr);
}

TEST(WriteConnection, FillsWhatASourceHasNotToldOfAKnownVariant) {
  Desk desk;
  ConnectionCreated imported{
      .connection = desk.ids.connection,
      .fields = {{"integration.credentials.note", std::string("n")},
                 {"integration.credentials.type", std::string("OktaAPIToken")},
                 {"integration.type", std::string("Okta")},
                 {"name", std::string("pager")},
                 {"tags", std::string("none")}}};
  ASSERT_EQ(desk.acme.Says(Observation(imported)), "applied");
  const Json attributes = desk.Answer()["attributes"];
  EXPECT_EQ(attributes["integration"],
            (Json{{"type", "Okta"},
                  {"credentials", {{"type", "OktaAPIToken"}, {"domain", ""}, {"api_token", ""}}}}));
  EXPECT_EQ(attributes["fields"], (Json{{"integration.credentials.note", "n"}, {"tags", "none"}}));
  EXPECT_FALSE(attributes.contains("tags"));
}

}  // namespace
}  // namespace conntrail::api
