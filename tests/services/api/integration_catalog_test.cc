#include "services/api/integration_catalog.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrail::api {
namespace {

// One line a variant, the fields by name: *secret, optional?, -read_only, +patch_only.
std::string LineOf(const IntegrationType& type, const CredentialVariant& variant) {
  std::set<std::string> fields;
  for (const CatalogField& field : variant.fields) {
    const std::string name(field.name);
    if (field.read_only) {
      fields.insert(name + "-");
    } else if (field.patch_only) {
      fields.insert(name + "+");
    } else {
      fields.insert(name + (field.is_secret() ? "*" : "") + (field.required ? "" : "?"));
    }
  }
  std::string line = std::string(type.type) + " " + std::string(variant.type) + ":";
  for (const std::string& field : fields) line += " " + field;
  return line;
}

TEST(IntegrationCatalog, HasTheVariantsThatThePublishedApiHas) {
  std::vector<std::string> lines;
  size_t types = 0;
  for (const IntegrationType& type : IntegrationCatalog()) {
    types += type.origin == CatalogOrigin::kContract ? 1 : 0;
    for (const CredentialVariant& variant : type.variants) {
      if (variant.origin == CatalogOrigin::kContract) lines.push_back(LineOf(type, variant));
    }
  }
  EXPECT_EQ(types, 24);
  EXPECT_THAT(
      lines,
      testing::ElementsAre(
          "AWS AWSAssumeRole: account_id external_id- generate_new_external_id+ principal_id- role",
          "Anthropic AnthropicAPIKey: api_token*", "Asana AsanaAccessToken: access_token*",
          "Azure AzureTenant: app_client_id client_secret* custom_scopes? tenant_id",
          "CircleCI CircleCIAPIKey: api_token*", "Clickup ClickupAPIKey: api_token*",
          "Cloudflare CloudflareAPIToken: api_token*",
          "Cloudflare CloudflareGlobalAPIToken: auth_email global_api_key*",
          "ConfigCat ConfigCatSDKKey: api_password* api_username sdk_key*",
          "Datadog DatadogAPIKey: api_key* app_key* datacenter subdomain?",
          "Fastly FastlyAPIKey: api_key*", "Freshservice FreshserviceAPIKey: api_key* domain",
          "GCP GCPServiceAccount: private_key* service_account_email",
          "Gemini GeminiAPIKey: api_key*", "Gitlab GitlabAPIKey: api_token*",
          "GreyNoise GreyNoiseAPIKey: api_key*",
          "HTTP HTTPTokenAuth: body? headers? tokens*? url_parameters?",
          "LaunchDarkly LaunchDarklyAPIKey: api_token*", "Notion NotionAPIKey: api_token*",
          "Okta OktaAPIToken: api_token* domain", "OpenAI OpenAIAPIKey: api_token*",
          "ServiceNow ServiceNowBasicAuth: instance password* username",
          "Split SplitAPIKey: api_key*", "Statsig StatsigAPIKey: api_key*",
          "VirusTotal VirusTotalAPIKey: api_key*"));
}

TEST(IntegrationCatalog, HasMoreWaysToAuthenticateAndMarksThem) {
  std::vector<std::string> types;
  for (const IntegrationType& type : IntegrationCatalog()) {
    for (const CredentialVariant& variant : type.variants) {
      if (variant.origin == CatalogOrigin::kAdditional) types.emplace_back(variant.type);
    }
  }
  EXPECT_THAT(
      types, testing::ElementsAre(
                 "GitHubOAuth2AuthorizationCode", "GitHubAPIToken", "HTTPBasicAuth", "HTTPMTLSAuth",
                 "HTTPTwoStepAuth", "HTTPOAuth2ClientCredentials", "HTTPOAuth2AuthorizationCode",
                 "JiraOAuth2AuthorizationCode", "JiraAPIToken", "PagerDutyOAuth2AuthorizationCode",
                 "PagerDutyAPIToken", "SlackOAuth2AuthorizationCode"));
}

TEST(IntegrationCatalog, KeepsNoFieldThatIsASecretByItsName) {
  const std::set<std::string_view> harmless = {"tokens", "token_url", "token_path"};
  for (const IntegrationType& type : IntegrationCatalog()) {
    for (const CredentialVariant& variant : type.variants) {
      for (const CatalogField& field : variant.fields) {
        for (const std::string_view word : {"token", "password", "secret", "_key"}) {
          if (field.name.find(word) == std::string_view::npos) continue;
          EXPECT_TRUE(field.is_secret() || harmless.contains(field.name))
              << variant.type << " " << field.name;
        }
        EXPECT_NE(field.name, "refresh_token") << variant.type;
      }
    }
  }
}

TEST(IntegrationCatalog, DescribesEachFieldOnceAndForPeople) {
  for (const IntegrationType& type : IntegrationCatalog()) {
    EXPECT_EQ(FindIntegrationType(type.type), &type);
    for (const CredentialVariant& variant : type.variants) {
      EXPECT_EQ(type.Find(variant.type), &variant);
      std::set<std::string_view> names{"type"};
      for (const CatalogField& field : variant.fields) {
        EXPECT_TRUE(names.insert(field.name).second) << variant.type << " " << field.name;
        EXPECT_FALSE(field.label.empty()) << variant.type << " " << field.name;
        EXPECT_EQ(variant.Find(field.name), &field);
        EXPECT_EQ(field.kind == CatalogFieldKind::kChoice, !field.choices.empty());
        EXPECT_TRUE(!field.is_named_list() || field.pattern != nullptr);
      }
    }
  }
  EXPECT_EQ(FindIntegrationType("aws"), nullptr);
}

TEST(TextPatterns, MatchWhatTheirExpressionsSay) {
  const CredentialVariant& tokens = *FindIntegrationType("HTTP")->Find("HTTPTokenAuth");
  const auto word = tokens.Find("tokens")->pattern->matches;
  const auto header = tokens.Find("headers")->pattern->matches;
  const auto account = FindIntegrationType("AWS")->variants[0].Find("account_id")->pattern->matches;
  for (const std::string_view good : {"a", "Z9", "token1"}) EXPECT_TRUE(word(good)) << good;
  for (const std::string_view bad : {"", "1a", "a-b", "a_b", "ä", "a "}) EXPECT_FALSE(word(bad));
  for (const std::string_view good : {"X-a_1", "h"}) EXPECT_TRUE(header(good)) << good;
  for (const std::string_view bad : {"", "-a", "a.b", "a,b", "a\n"}) EXPECT_FALSE(header(bad));
  EXPECT_TRUE(account("012345678901"));
  for (const std::string_view bad : {"01234567890", "0123456789012", "01234567890a"}) {
    EXPECT_FALSE(account(bad)) << bad;
  }
}

}  // namespace
}  // namespace conntrail::api
