#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

Json Token(std::string_view name, std::string_view value) {
  return {{"name", name}, {"type", "SECRET"}, {"value", value}};
}
Json Text(std::string_view name, std::string_view value) {
  return {{"name", name}, {"value", value}};
}
Json Deleted(std::string_view name) { return {{"name", name}, {"deleted", true}}; }

Json HttpWith(Json credentials) {
  credentials["type"] = "HTTPTokenAuth";
  return {{"integration", {{"type", "HTTP"}, {"credentials", std::move(credentials)}}}};
}

// An HTTP connection with two tokens, two headers and a body.
Desk HttpDesk() {
  Desk desk;
  Json body = HttpWith({{"tokens", {Token("one", "first"), Token("two", "second")}},
                        {"headers", {Text("X-One", "{{ one }}"), Text("Accept", "*/*")}},
                        {"body", {{"content", "c"}, {"content_type", "text/plain"}}}});
  body["name"] = "pager";
  body["tags"] = {"env:prod"};
  body["integration"]["base_url"] = "https://a.example";
  EXPECT_EQ(desk.Create(body), "applied");
  return desk;
}

Desk CloudflareDesk() {
  Desk desk;
  EXPECT_EQ(
      desk.Create({{"name", "pager"},
                   {"integration",
                    {{"type", "Cloudflare"},
                     {"credentials", {{"type", "CloudflareAPIToken"}, {"api_token", "t"}}}}}}),
      "applied");
  return desk;
}

std::vector<std::string> SecretPaths(const Desk& desk) {
  std::vector<std::string> paths;
  for (const SecretFingerprint& secret : desk.connection().credential.secrets) {
    paths.push_back(secret.field);
  }
  return paths;
}

TEST(ConnectionPatch, OfOneAttributeLeavesTheOthers) {
  Desk desk = HttpDesk();
  const Json before = desk.Answer()["attributes"];
  ASSERT_EQ(desk.Patch({{"name", "renamed"}}), "applied");
  Json after = desk.Answer()["attributes"];
  EXPECT_EQ(after["name"], "renamed");
  EXPECT_EQ(after["integration"], before["integration"]);
  EXPECT_EQ(after["tags"], before["tags"]);
  EXPECT_EQ(after["revision"], 2);
  EXPECT_EQ(after["credential"]["version"], 1);
}

TEST(ConnectionPatch, WithoutAnythingChangesNothing) {
  Desk desk = HttpDesk();
  EXPECT_EQ(desk.Patch(Json::object()), "applied no_change");
  EXPECT_EQ(desk.Patch({{"name", "pager"}}), "applied no_change");
}

TEST(ConnectionPatch, ReplacesTheTagsAsAWhole) {
  Desk desk = HttpDesk();
  ASSERT_EQ(desk.Patch({{"tags", {"team:sre", "a:b"}}}), "applied");
  EXPECT_EQ(desk.Answer()["attributes"]["tags"], (Json{"a:b", "team:sre"}));
  ASSERT_EQ(desk.Patch({{"tags", Json::array()}}), "applied");
  EXPECT_FALSE(desk.Answer()["attributes"].contains("tags"));
}

TEST(ConnectionPatch, ChangesTheBaseUrlAlone) {
  Desk desk = HttpDesk();
  ASSERT_EQ(desk.Patch({{"integration", {{"type", "HTTP"}, {"base_url", "https://b.example"}}}}),
            "applied");
  EXPECT_EQ(desk.Integration()["base_url"], "https://b.example");
  EXPECT_EQ(desk.Integration()["credentials"]["headers"].size(), 2);
}

TEST(ConnectionPatch, MergesEntriesByNameAndKeepsTheirOrder) {
  Desk desk = HttpDesk();
  ASSERT_EQ(desk.Patch(HttpWith({{"headers", {Text("Accept", "text/html"), Text("Beta", "b")}}})),
            "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["headers"],
            (Json{Text("X-One", "{{ one }}"), Text("Accept", "text/html"), Text("Beta", "b")}));
  ASSERT_EQ(desk.Patch(HttpWith({{"headers", {{{"name", "Beta"}}}}})), "applied no_change");
}

TEST(ConnectionPatch, KeepsNoOrderThatIsByName) {
  Desk desk = HttpDesk();
  EXPECT_NE(FindField(desk.connection().fields, "integration.credentials.headers"), nullptr);
  ASSERT_EQ(desk.Patch(HttpWith({{"headers", {Deleted("X-One"), Text("X-One", "again")}}})),
            "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["headers"],
            (Json{Text("Accept", "*/*"), Text("X-One", "again")}));
  EXPECT_EQ(FindField(desk.connection().fields, "integration.credentials.headers"), nullptr);
}

TEST(ConnectionPatch, OfTwoEditorsWhoAddDifferentEntriesBothAreKept) {
  Desk desk = HttpDesk();
  const auto alice = desk.ReadPatch(ConnectionBody(HttpWith({{"headers", {Text("Zulu", "1")}}})));
  const auto bob = desk.ReadPatch(ConnectionBody(HttpWith({{"headers", {Text("Bravo", "2")}}})));
  ASSERT_TRUE(alice.ok() && bob.ok());
  ASSERT_EQ(desk.acme.Says(Intent("alice", *alice)), "applied");
  ASSERT_EQ(desk.acme.Says(Intent("alice", *bob)), "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["headers"],
            (Json{Text("X-One", "{{ one }}"), Text("Accept", "*/*"), Text("Bravo", "2"),
                  Text("Zulu", "1")}));
}

TEST(ConnectionPatch, DeletesATokenWithItsFingerprint) {
  Desk desk = HttpDesk();
  Json deleted = Token("one", "");
  deleted["deleted"] = true;
  ASSERT_EQ(desk.Patch(HttpWith({{"tokens", {deleted}}})), "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["tokens"], Json{Token("two", "")});
  EXPECT_THAT(SecretPaths(desk), testing::ElementsAre("integration.credentials.tokens.two"));
  EXPECT_FALSE(desk.Answer()["attributes"].contains("fields"));
}

TEST(ConnectionPatch, TakesDeletionsFirstWhereverTheyStand) {
  Desk desk = HttpDesk();
  Json deleted = Token("one", "");
  deleted["deleted"] = true;
  ASSERT_EQ(desk.Patch(HttpWith({{"tokens", {Token("one", "third"), deleted}}})), "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["tokens"],
            (Json{Token("two", ""), Token("one", "")}));
  EXPECT_EQ(SecretPaths(desk).size(), 2);
  EXPECT_EQ(desk.Patch(HttpWith({{"headers", {Deleted("Never-There")}}})), "applied no_change");
}

TEST(ConnectionPatch, ThatEchoesAnAnswerChangesNoSecret) {
  Desk desk = HttpDesk();
  const Json answer = desk.Answer()["attributes"];
  const auto before = desk.connection().credential;
  EXPECT_EQ(desk.Patch({{"name", answer["name"]},
                        {"tags", answer["tags"]},
                        {"integration", answer["integration"]}}),
            "applied no_change");
  EXPECT_EQ(desk.connection().credential, before);
}

TEST(ConnectionPatch, ThatSendsTheWholeCredentialAgainIsNoRotation) {
  Desk desk = CloudflareDesk();
  const Json same = {{"integration",
                      {{"type", "Cloudflare"},
                       {"credentials", {{"type", "CloudflareAPIToken"}, {"api_token", "t"}}}}}};
  EXPECT_EQ(desk.Patch(same), "applied no_change");
  Json other = same;
  other["integration"]["credentials"]["api_token"] = "u";
  EXPECT_EQ(desk.Patch(other), "applied");
  EXPECT_EQ(desk.connection().credential.version, 2);
}

TEST(ConnectionPatch, ToAnotherTypeOfCredentialsLeavesNothingOfTheOneBefore) {
  Desk desk = CloudflareDesk();
  const Json global = {
      {"type", "CloudflareGlobalAPIToken"}, {"auth_email", "a@b.example"}, {"global_api_key", "k"}};
  ASSERT_EQ(desk.Patch({{"integration", {{"type", "Cloudflare"}, {"credentials", global}}}}),
            "applied");
  Json answered = global;
  answered["global_api_key"] = "";
  EXPECT_EQ(desk.Integration()["credentials"], answered);
  EXPECT_THAT(SecretPaths(desk), testing::ElementsAre("integration.credentials.global_api_key"));
  EXPECT_EQ(desk.connection().credential.version, 2);
  EXPECT_TRUE(desk.connection().credential.present);
}

TEST(ConnectionPatch, BetweenAnyTwoWaysOfHttpIsWhatCreatingItWouldHaveBeen) {
  const IntegrationType& http = *FindIntegrationType("HTTP");
  for (const CredentialVariant& from : http.variants) {
    for (const CredentialVariant& to : http.variants) {
      if (&from == &to) continue;
      SCOPED_TRACE(std::string(from.type) + " to " + std::string(to.type));
      Desk desk;
      Desk fresh;
      const Json first = {{"name", "pager"}, {"integration", IntegrationOf(http, from, 1)}};
      const Json second = {{"name", "pager"}, {"integration", IntegrationOf(http, to, 2)}};
      ASSERT_EQ(desk.Create(first), "applied");
      ASSERT_EQ(desk.Patch(second), "applied");
      ASSERT_EQ(fresh.Create(second), "applied");
      EXPECT_EQ(desk.connection().fields, fresh.connection().fields);
      EXPECT_EQ(desk.connection().credential.secrets, fresh.connection().credential.secrets);
      EXPECT_EQ(desk.bytes().find(kSecretMark), std::string::npos);
    }
  }
}

TEST(ConnectionPatch, ToAnotherTypeOfCredentialsMustBeComplete) {
  Desk desk = CloudflareDesk();
  EXPECT_EQ(
      desk.Patch(
          {{"integration",
            {{"type", "Cloudflare"},
             {"credentials", {{"type", "CloudflareGlobalAPIToken"}, {"auth_email", "a@b"}}}}}}),
      "/data/attributes/integration/credentials: member \"global_api_key\" is missing");
}

TEST(ConnectionPatch, MakesANewExternalIdWhenAsked) {
  Desk desk;
  const IntegrationType& aws = *FindIntegrationType("AWS");
  ASSERT_EQ(desk.Create({{"name", "pager"}, {"integration", IntegrationOf(aws, aws.variants[0])}}),
            "applied");
  desk.ids.external_id = "ffffffffffffffffffffffffffffffff";
  const auto patch = [&](Json credentials) {
    credentials["type"] = "AWSAssumeRole";
    return desk.Patch({{"integration", {{"type", "AWS"}, {"credentials", credentials}}}});
  };
  EXPECT_EQ(patch({{"role", "other"}}), "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["external_id"], "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(patch({{"generate_new_external_id", false}}), "applied no_change");
  EXPECT_EQ(patch({{"generate_new_external_id", true}}), "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["external_id"], desk.ids.external_id);
  // What was answered may be sent back; nothing else.
  EXPECT_EQ(patch(desk.Integration()["credentials"]), "applied no_change");
  EXPECT_EQ(
      patch({{"external_id", "0123456789abcdef0123456789abcdef"}}),
      "/data/attributes/integration/credentials/external_id: is given by the server; leave it "
      "out");
}

TEST(ConnectionPatch, TakesAnOptionalFieldAwayWithNull) {
  Desk desk = HttpDesk();
  ASSERT_EQ(desk.Patch(HttpWith({{"body", nullptr}, {"tokens", nullptr}, {"headers", nullptr}})),
            "applied");
  EXPECT_EQ(desk.Integration()["credentials"], (Json{{"type", "HTTPTokenAuth"}}));
  EXPECT_TRUE(desk.connection().credential.secrets.empty());
  EXPECT_FALSE(desk.connection().credential.present);
  EXPECT_EQ(desk.connection().fields.size(), 5);
}

TEST(ConnectionPatch, OfATwoStepCredentialKeepsWhatItsFirstStepNeeds) {
  Desk desk;
  const IntegrationType& http = *FindIntegrationType("HTTP");
  Json integration = IntegrationOf(http, *http.Find("HTTPTwoStepAuth"), 1);  // by token
  integration["credentials"].erase("username");
  integration["credentials"].erase("password");
  ASSERT_EQ(desk.Create({{"name", "pager"}, {"integration", integration}}), "applied");
  const auto patch = [&](Json credentials) {
    credentials["type"] = "HTTPTwoStepAuth";
    return desk.Patch({{"integration", {{"type", "HTTP"}, {"credentials", credentials}}}});
  };
  EXPECT_EQ(patch({{"first_step", "basic"}}),
            "/data/attributes/integration/credentials: member \"username\" is missing; first_step "
            "\"basic\" needs it");
  EXPECT_EQ(patch({{"tokens", nullptr}}),
            "/data/attributes/integration/credentials: member \"tokens\" is missing; first_step "
            "\"token\" needs it");
  EXPECT_EQ(
      patch({{"first_step", "basic"}, {"username", "u"}, {"password", "p"}, {"tokens", nullptr}}),
      "applied");
  EXPECT_EQ(desk.Integration()["credentials"]["password"], "");
  EXPECT_FALSE(desk.Integration()["credentials"].contains("tokens"));
}

TEST(ConnectionPatch, OfAnImportedConnectionCanChangeItsNameAndTagsOnly) {
  Desk desk;
  ConnectionCreated imported{.connection = desk.ids.connection,
                             .fields = {{"name", std::string("pager")}}};
  ASSERT_EQ(desk.acme.Says(Observation(imported)), "applied");
  ASSERT_EQ(
      desk.acme.Says(
          Intent("alice", Replace("pager", {Editor(UserNamed("alice"))})).Rights(kAdminRights)),
      "applied");
  EXPECT_EQ(desk.Patch({{"name", "better"}, {"tags", {"a:b"}}}), "applied");
  EXPECT_THAT(desk.Patch({{"integration", {{"type", "HTTP"}}}}),
              testing::StartsWith("/data/attributes/integration/type: this connection comes from"));
}

TEST(ConnectionPatch, CarriesNoBefore) {
  Desk desk = HttpDesk();
  const auto edited =
      desk.ReadPatch(ConnectionBody({{"name", "x"}, {"integration", desk.Integration()}}));
  ASSERT_TRUE(edited.ok());
  EXPECT_GT(edited->changes.size(), 5);
  for (const FieldChange& change : edited->changes) {
    EXPECT_EQ(change.before.index(), 0) << change.path;
  }
}

}  // namespace
}  // namespace conntrail::api
