#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/api/documents.h"

namespace conntrail::api {
namespace {

constexpr char kAt[] = "/data/attributes";
const std::string kToken = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

Json Http(Json credentials) {
  credentials["type"] = "HTTPTokenAuth";
  return {{"name", "pager"},
          {"integration",
           {{"type", "HTTP"}, {"base_url", "https://a.example"}, {"credentials", credentials}}}};
}
Json Named(Json name) {
  Json body = Http(Json::object());
  body["name"] = std::move(name);
  return body;
}
Json Tagged(Json tags) {
  Json body = Http(Json::object());
  body["tags"] = std::move(tags);
  return body;
}
Json BaseUrl(Json url) {
  Json body = Http(Json::object());
  body["integration"]["base_url"] = std::move(url);
  return body;
}
Json Aws(Json credentials) {
  Json all = {{"type", "AWSAssumeRole"}, {"account_id", "123456789012"}, {"role", "r"}};
  all.update(credentials);
  return {{"name", "pager"}, {"integration", {{"type", "AWS"}, {"credentials", all}}}};
}
// A variant of HTTP, whole but for what is given.
Json HttpAs(std::string_view variant, Json credentials) {
  const IntegrationType& http = *FindIntegrationType("HTTP");
  Json integration = IntegrationOf(http, *http.Find(variant), 1);
  integration["credentials"].update(credentials);
  return {{"name", "pager"}, {"integration", integration}};
}
Json Entries(std::string_view list, Json entries) {
  return Http({{std::string(list), std::move(entries)}});
}
Json ManyHeaders(int count, const std::string& value) {
  Json headers = Json::array();
  for (int i = 0; i < count; ++i)
    headers.push_back({{"name", "h" + std::to_string(i)}, {"value", value}});
  return Entries("headers", std::move(headers));
}

struct FaultCase {
  Json attributes;
  std::string pointer;  // below the attributes
  std::string detail;   // a part of it
};

class NewConnectionFault : public testing::TestWithParam<FaultCase> {};

TEST_P(NewConnectionFault, SaysWhereAndWhatAndRepeatsNothing) {
  const auto& [attributes, pointer, detail] = GetParam();
  const Parsed<ConnectionCreated> created = Desk().ReadNew(ConnectionBody(attributes));
  ASSERT_FALSE(created.ok()) << attributes;
  EXPECT_EQ(created.fault().status, 400);
  EXPECT_EQ(created.fault().title, "Generic Error");
  EXPECT_EQ(created.fault().pointer, kAt + pointer) << created.fault().detail;
  EXPECT_THAT(created.fault().detail, testing::HasSubstr(detail));
  EXPECT_EQ(created.fault().detail.find(kToken), std::string::npos);
}

const std::string kCredentials = "/integration/credentials";

INSTANTIATE_TEST_SUITE_P(
    Envelope, NewConnectionFault,
    testing::Values(
        FaultCase{{{"name", "x"}}, "", "member \"integration\" is missing"},
        FaultCase{Named(nullptr), "/name", "must be a text"},
        FaultCase{Named(""), "/name", "must not be empty"},
        FaultCase{Named(std::string(256, 'x')), "/name", "longer than 255 characters"},
        FaultCase{Named("a\nb"), "/name", "control characters"},
        FaultCase{Named("with " + kToken), "/name", "looks like a GitHub token"},
        FaultCase{{{"integration", 1}, {"name", "x"}}, "/integration", "must be an object"},
        FaultCase{{{"name", "x"}, {"integration", {{"type", "Nope"}, {"credentials", {}}}}},
                  "/integration/type",
                  "must be one of: AWS, Anthropic, "},
        FaultCase{{{"name", "x"}, {"integration", {{"type", "AWS"}}}},
                  "/integration",
                  "member \"credentials\" is missing"},
        FaultCase{{{"name", "x"},
                   {"integration", {{"type", "Cloudflare"}, {"credentials", {{"type", "x"}}}}}},
                  "/integration/credentials/type",
                  "must be one of: CloudflareAPIToken, CloudflareGlobalAPIToken"},
        FaultCase{
            {{"name", "x"}, {"integration", {{"type", "AWS"}, {"credentials", Json::object()}}}},
            "/integration/credentials",
            "member \"type\" is missing"}));

INSTANTIATE_TEST_SUITE_P(
    Tags, NewConnectionFault,
    testing::Values(FaultCase{Tagged("a:b"), "/tags", "must be an array"},
                    FaultCase{Tagged({1}), "/tags/0", "must be a text"},
                    FaultCase{Tagged({"a:b", "env"}), "/tags/1", "must be \"key:value\""},
                    FaultCase{Tagged({"env:a:b"}), "/tags/0", "must be \"key:value\""},
                    FaultCase{Tagged({"1env:a"}), "/tags/0", "must be \"key:value\""},
                    FaultCase{Tagged({"env:"}), "/tags/0", "must be \"key:value\""},
                    FaultCase{Tagged({":a"}), "/tags/0", "must be \"key:value\""},
                    FaultCase{Tagged({"e nv:a"}), "/tags/0", "must be \"key:value\""},
                    FaultCase{Tagged({"default:yes"}), "/tags/0", "reserved"},
                    FaultCase{Tagged({"aws:default"}), "/tags/0", "reserved"},
                    FaultCase{Tagged({"key:" + kToken}), "/tags/0", "looks like"},
                    FaultCase{Tagged(Json(65, "a:b")), "/tags", "more than 64"}));

INSTANTIATE_TEST_SUITE_P(
    Fields, NewConnectionFault,
    testing::Values(
        FaultCase{Aws({{"account_id", "12345"}}), kCredentials + "/account_id",
                  "value does not match regex pattern ^\\d{12}$"},
        FaultCase{Aws({{"account_id", 123456789012}}), kCredentials + "/account_id",
                  "must be a text"},
        FaultCase{Aws({{"role", ""}}), kCredentials + "/role", "must not be empty"},
        FaultCase{Aws({{"role", std::string(513, 'r')}}), kCredentials + "/role",
                  "longer than 512 bytes"},
        FaultCase{Aws({{"external_id", "0"}}), kCredentials + "/external_id",
                  "given by the server"},
        FaultCase{Aws({{"principal_id", "464622532012"}}), kCredentials + "/principal_id",
                  "given by the server"},
        FaultCase{Aws({{"generate_new_external_id", true}}),
                  kCredentials + "/generate_new_external_id", "when a connection is edited"},
        FaultCase{Aws({{"secret_key", "x"}}), kCredentials + "/secret_key",
                  "there are: type, account_id, role"},
        FaultCase{BaseUrl("ftp://x"), "/integration/base_url", "must begin with https://"},
        FaultCase{BaseUrl("https://"), "/integration/base_url", "has no host"},
        FaultCase{BaseUrl("https://a b"), "/integration/base_url", "space"},
        FaultCase{BaseUrl("https://user@host/"), "/integration/base_url", "user or password"},
        FaultCase{BaseUrl("https://u:pass@host/"), "/integration/base_url", "URL with a password"},
        FaultCase{BaseUrl(nullptr), "/integration/base_url", "must be a text"},
        FaultCase{HttpAs("HTTPMTLSAuth", {{"certificate", "MIIB"}}), kCredentials + "/certificate",
                  "must be a certificate in PEM"},
        FaultCase{HttpAs("HTTPMTLSAuth", {{"certificate",
                                           "-----BEGIN CERTIFICATE-----\nx\n-----END "
                                           "CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"}}),
                  kCredentials + "/certificate", "looks like a private key"},
        FaultCase{HttpAs("HTTPMTLSAuth", {{"certificate", std::string(4097, 'x')}}),
                  kCredentials + "/certificate", "longer than 4096 bytes"},
        FaultCase{HttpAs("HTTPBasicAuth", {{"password", ""}}), kCredentials + "/password",
                  "there is no secret yet"},
        FaultCase{HttpAs("HTTPBasicAuth", {{"password", 7}}), kCredentials + "/password",
                  "must be a text"},
        FaultCase{HttpAs("HTTPBasicAuth", {{"password", std::string(32769, 'x')}}),
                  kCredentials + "/password", "longer than 32768 bytes"},
        FaultCase{HttpAs("HTTPBasicAuth", {{"username", nullptr}}), kCredentials + "/username",
                  "must be a text"},
        FaultCase{HttpAs("HTTPTwoStepAuth", {{"first_step", "none"}}), kCredentials + "/first_step",
                  "must be one of: basic, token"},
        FaultCase{HttpAs("HTTPTwoStepAuth", {{"tokens", Json::array()}}), kCredentials,
                  "first_step \"token\" needs it"},
        FaultCase{HttpAs("HTTPTwoStepAuth", {{"refresh_interval_seconds", -1}}),
                  kCredentials + "/refresh_interval_seconds", "integer from 0 to 31536000"},
        FaultCase{HttpAs("HTTPTwoStepAuth", {{"refresh_interval_seconds", 1.5}}),
                  kCredentials + "/refresh_interval_seconds", "integer from 0 to 31536000"},
        FaultCase{HttpAs("HTTPOAuth2ClientCredentials", {{"scopes", "a"}}),
                  kCredentials + "/scopes", "must be an array"},
        FaultCase{HttpAs("HTTPOAuth2ClientCredentials", {{"scopes", {"a", ""}}}),
                  kCredentials + "/scopes/1", "must not be empty"},
        FaultCase{HttpAs("HTTPOAuth2AuthorizationCode", {{"consent_by", "team:x"}}),
                  kCredentials + "/consent_by", "must be user:<uuid>"},
        FaultCase{HttpAs("HTTPOAuth2AuthorizationCode", {{"expires_at", "tomorrow"}}),
                  kCredentials + "/expires_at", "RFC 3339"},
        FaultCase{HttpAs("HTTPOAuth2AuthorizationCode", {{"refresh_token", "x"}}),
                  kCredentials + "/refresh_token", "there is no such member"}));

INSTANTIATE_TEST_SUITE_P(
    Lists, NewConnectionFault,
    testing::Values(
        FaultCase{Entries("headers", {{"a", "b"}}), kCredentials + "/headers", "must be an array"},
        FaultCase{Entries("headers", {1}), kCredentials + "/headers/0", "must be an object"},
        FaultCase{Entries("headers", {{{"value", "v"}}}), kCredentials + "/headers/0",
                  "member \"name\" is missing"},
        FaultCase{Entries("headers", {{{"name", "n"}}}), kCredentials + "/headers/0",
                  "member \"value\" is missing"},
        FaultCase{Entries("headers", {{{"name", "a b"}, {"value", ""}}}),
                  kCredentials + "/headers/0/name", "value does not match regex pattern ^[A-Za-z]"},
        FaultCase{Entries("headers", {{{"name", std::string(81, 'a')}, {"value", ""}}}),
                  kCredentials + "/headers/0/name", "longer than 80"},
        FaultCase{
            Entries("headers", {{{"name", "a"}, {"value", "1"}}, {{"name", "a"}, {"value", "2"}}}),
            kCredentials + "/headers/1", "has the name of an entry before it"},
        FaultCase{Entries("headers", {{{"name", "a"}, {"value", "x\r\ny"}}}),
                  kCredentials + "/headers/0/value", "control characters"},
        FaultCase{Entries("headers", {{{"name", "a"}, {"value", "Bearer " + kToken}}}),
                  kCredentials + "/headers/0/value", "looks like"},
        FaultCase{Entries("headers", {{{"name", "a"}, {"value", ""}, {"deleted", true}}}),
                  kCredentials + "/headers/0/deleted", "there is no such member"},
        FaultCase{Entries("headers", {{{"name", "a"}, {"value", std::string(4097, 'x')}}}),
                  kCredentials + "/headers/0/value", "longer than 4096 bytes"},
        FaultCase{ManyHeaders(51, "v"), kCredentials + "/headers", "more than 50 entries"},
        FaultCase{Entries("url_parameters", {{{"name", "a-b"}, {"value", ""}}}),
                  kCredentials + "/url_parameters/0/name", "value does not match regex pattern"},
        FaultCase{Entries("url_parameters", {{{"name", "a"}, {"value", kToken}}}),
                  kCredentials + "/url_parameters/0/value", "looks like a GitHub token"},
        FaultCase{Entries("tokens", {{{"name", "a"}, {"value", "x"}}}), kCredentials + "/tokens/0",
                  "member \"type\" is missing"},
        FaultCase{Entries("tokens", {{{"name", "a"}, {"type", "PLAIN"}, {"value", "x"}}}),
                  kCredentials + "/tokens/0/type", "must be one of: SECRET"},
        FaultCase{Entries("tokens", {{{"name", "a"}, {"type", "SECRET"}}}),
                  kCredentials + "/tokens/0", "member \"value\" is missing"},
        FaultCase{Entries("tokens", {{{"name", "a"}, {"type", "SECRET"}, {"value", ""}}}),
                  kCredentials + "/tokens/0/value", "there is no secret yet"},
        FaultCase{Http({{"body", "text"}}), kCredentials + "/body", "must be an object"},
        FaultCase{Http({{"body", {{"content", 1}}}}), kCredentials + "/body/content",
                  "must be a text"},
        FaultCase{Http({{"body", {{"content", "k=" + kToken}}}}), kCredentials + "/body/content",
                  "looks like a GitHub token"},
        FaultCase{Http({{"body", {{"kind", "x"}}}}), kCredentials + "/body/kind",
                  "there are: content, content_type"}));

TEST(NewConnectionLimit, ADocumentThatWouldNotFitARecordIsRefusedAndTheLargestFits) {
  Json body = ManyHeaders(11, std::string(4096, 'x'));
  const Parsed<ConnectionCreated> fits = Desk().ReadNew(ConnectionBody(body));
  ASSERT_TRUE(fits.ok());
  EXPECT_LE(EncodeEvent(Intent("alice", *fits)).size(), 48'000);
  const Parsed<ConnectionCreated> large =
      Desk().ReadNew(ConnectionBody(ManyHeaders(12, std::string(4096, 'x'))));
  ASSERT_FALSE(large.ok());
  EXPECT_THAT(large.fault().detail, testing::HasSubstr("must not be longer than 48000 bytes"));
}

TEST(NewConnectionLimit, TheEventOfManySmallFieldsIsNotLargerThanCounted) {
  Json credentials;
  for (const std::string list : {"tokens", "headers", "url_parameters"}) {
    for (int i = 50; i > 0; --i) {
      Json entry = {{"name", std::string(60, 'n') + std::to_string(i)}, {"value", "v"}};
      if (list == "tokens") entry["type"] = "SECRET";
      credentials[list].push_back(entry);
    }
  }
  const Parsed<ConnectionCreated> created = Desk().ReadNew(ConnectionBody(Http(credentials)));
  ASSERT_TRUE(created.ok()) << created.fault().detail;
  EXPECT_LE(EncodeEvent(Intent("alice", *created)).size(), 48'000);
}

TEST(NewConnectionFaults, OfTheBodyItselfComeFromTheParser) {
  const Desk desk;
  const auto fault = [&](std::string_view body) {
    const auto created = ReadNewConnection(body, desk.ids, TestFingerprinter());
    return created.ok() ? std::string("none")
                        : created.fault().pointer + ": " + created.fault().detail;
  };
  EXPECT_EQ(fault(""), ": the body is empty; it must be a JSON object");
  EXPECT_EQ(fault(R"({"data":{"type":"action_connections","attributes":{}}})"),
            "/data/type: must be \"action_connection\"");
  EXPECT_EQ(fault(R"({"data":{"type":"action_connection","id":"x","attributes":{}}})"),
            "/data/id: is given by the server; leave it out");
}

class ConnectionPatchFault : public testing::TestWithParam<FaultCase> {};

TEST_P(ConnectionPatchFault, SaysWhereAndWhatAndRepeatsNothing) {
  const auto& [attributes, pointer, detail] = GetParam();
  Desk desk;
  ASSERT_EQ(desk.Create(Http({{"headers", {{{"name", "a"}, {"value", "1"}}}}})), "applied");
  const Parsed<ConnectionEdited> edited = desk.ReadPatch(ConnectionBody(attributes));
  ASSERT_FALSE(edited.ok()) << attributes;
  EXPECT_EQ(edited.fault().status, 400);
  EXPECT_EQ(edited.fault().pointer, kAt + pointer) << edited.fault().detail;
  EXPECT_THAT(edited.fault().detail, testing::HasSubstr(detail));
}

Json PatchOf(Json credentials) {
  credentials["type"] = "HTTPTokenAuth";
  return {{"integration", {{"type", "HTTP"}, {"credentials", std::move(credentials)}}}};
}

INSTANTIATE_TEST_SUITE_P(
    All, ConnectionPatchFault,
    testing::Values(
        FaultCase{{{"name", ""}}, "/name", "must not be empty"},
        FaultCase{{{"name", kToken}}, "/name", "looks like"},
        FaultCase{{{"tags", nullptr}}, "/tags", "must be an array"},
        FaultCase{{{"revision", 3}}, "/revision", "there are: name, integration, tags"},
        FaultCase{{{"integration", Json::object()}}, "/integration", "member \"type\" is missing"},
        FaultCase{{{"integration", {{"type", "AWS"}}}},
                  "/integration/type",
                  "cannot be changed: it is HTTP"},
        FaultCase{{{"integration", {{"type", "HTTP"}, {"more", 1}}}},
                  "/integration/more",
                  "there are: type, credentials, base_url"},
        FaultCase{{{"integration", {{"type", "HTTP"}, {"base_url", nullptr}}}},
                  "/integration/base_url",
                  "must be a text"},
        FaultCase{{{"integration", {{"type", "HTTP"}, {"credentials", Json::object()}}}},
                  kCredentials,
                  "member \"type\" is missing"},
        FaultCase{
            {{"integration", {{"type", "HTTP"}, {"credentials", {{"type", "OktaAPIToken"}}}}}},
            kCredentials + "/type",
            "must be one of: HTTPTokenAuth, "},
        FaultCase{PatchOf({{"headers", {{{"name", "new"}}}}}), kCredentials + "/headers/0",
                  "member \"value\" is missing"},
        FaultCase{PatchOf({{"headers", {{{"name", "a"}, {"deleted", "yes"}}}}}),
                  kCredentials + "/headers/0/deleted", "must be true or false"},
        FaultCase{PatchOf({{"headers", {{{"name", "a"}, {"deleted", true}}, {{"name", "a"}}}}}),
                  kCredentials + "/headers/1", "member \"value\" is missing"},
        FaultCase{PatchOf({{"tokens", {{{"name", "t"}, {"type", "SECRET"}, {"value", ""}}}}}),
                  kCredentials + "/tokens/0/value", "there is no secret yet"}));

TEST(ConnectionPatchFaults, ListsDoNotGrowBeyondTheirLimitByMerging) {
  Desk desk;
  ASSERT_EQ(desk.Create(ManyHeaders(50, "v")), "applied");
  EXPECT_EQ(desk.Patch(PatchOf({{"headers", {{{"name", "more"}, {"value", "v"}}}}})),
            kAt + kCredentials + "/headers: must not have more than 50 entries");
  EXPECT_EQ(desk.Patch(PatchOf(
                {{"headers",
                  {{{"name", "h7"}, {"deleted", true}}, {{"name", "more"}, {"value", "v"}}}}})),
            "applied");
}

TEST(ConnectionPatchFaults, AnotherIdThanThePathsIsRefused) {
  Desk desk;
  ASSERT_EQ(desk.Create(Http(Json::object())), "applied");
  Json body = ConnectionBody({{"name", "x"}});
  body["data"]["id"] = desk.ids.connection.ToString();
  EXPECT_TRUE(desk.ReadPatch(body).ok());
  body["data"]["id"] = IdNamed("other").ToString();
  const auto edited = desk.ReadPatch(body);
  ASSERT_FALSE(edited.ok());
  EXPECT_EQ(edited.fault().pointer, "/data/id");
}

}  // namespace
}  // namespace conntrail::api
