#include "services/api/integration_catalog.h"

#include <algorithm>

#include "services/api/catalog_fields.h"

namespace conntrail::api {
namespace {

using enum CatalogFieldKind;
using enum CatalogOrigin;

// ---- the contract's variants, each with the fields that are its own

constexpr CatalogField kAwsRole[] = {
    {.name = "account_id",
     .label = "Account id",
     .help = "The twelve digits of the AWS account.",
     .pattern = &kTwelveDigits,
     .bytes_max = 12},
    {.name = "role", .label = "Role", .help = "Name of the IAM role to assume.", .bytes_max = 512},
    {.name = "external_id",
     .label = "External id",
     .help = "The role's trust policy must ask for it (sts:ExternalId).",
     .required = false,
     .read_only = true,
     .bytes_max = 32},
    {.name = "principal_id",
     .label = "Principal id",
     .help = "The AWS account that the role's trust policy must name.",
     .required = false,
     .read_only = true,
     .bytes_max = 12,
     .constant = "464622532012"},
    {.name = "generate_new_external_id",
     .kind = kFlag,
     .label = "New external id",
     .help = "Replaces the external id; the role's trust policy must follow.",
     .required = false,
     .patch_only = true},
};
constexpr CatalogField kAzureTenant[] = {
    Plain("tenant_id", "Tenant id", "Directory (tenant) id of the app registration."),
    Plain("app_client_id", "Client id", "Application (client) id of the app registration."),
    Secret("client_secret", "Client secret"),
    Optional(Plain("custom_scopes", "Custom scopes", "Scopes for HTTP requests that it signs.")),
};
constexpr CatalogField kCloudflareGlobal[] = {
    Plain("auth_email", "E-mail address", "Of the account that the key belongs to."),
    Secret("global_api_key", "Global API key"),
};
constexpr CatalogField kConfigCat[] = {
    Plain("api_username", "API user name", ""),
    Secret("api_password", "API password"),
    Secret("sdk_key", "SDK key"),
};
constexpr CatalogField kDatadog[] = {
    Plain("datacenter", "Data center", "For example us1 or eu1."),
    Optional(Plain("subdomain", "Subdomain", "Of a custom subdomain, if there is one.")),
    Secret("api_key", "API key"),
    Secret("app_key", "Application key"),
};
constexpr CatalogField kGcp[] = {
    Plain("service_account_email", "Service account", "Its e-mail address."),
    Secret("private_key", "Private key"),
};
constexpr CatalogField kDomainAndKey[] = {
    Plain("domain", "Domain", "Host name of the account."),
    Secret("api_key", "API key"),
};
constexpr CatalogField kDomainAndToken[] = {
    Plain("domain", "Domain", "Host name of the organisation."),
    Secret("api_token", "API token"),
};
constexpr CatalogField kServiceNow[] = {
    Plain("instance", "Instance", "Name of the instance."),
    Plain("username", "User name", ""),
    Secret("password", "Password"),
};
constexpr CatalogField kJiraToken[] = {
    Plain("domain", "Site", "For example example.atlassian.net."),
    Plain("email", "E-mail address", "Of the account that the token belongs to."),
    Secret("api_token", "API token"),
};
constexpr CatalogField kAccessToken[] = {Secret("access_token", "Access token")};
constexpr CatalogField kApiKey[] = {Secret("api_key", "API key")};
constexpr CatalogField kApiToken[] = {Secret("api_token", "API token")};

constexpr CredentialVariant WithKey(std::string_view type) {
  return {type, "API key", "", kContract, kApiKey};
}
constexpr CredentialVariant WithToken(std::string_view type, CatalogOrigin origin = kContract) {
  return {type, "API token", "", origin, kApiToken};
}
// Consent is given at the provider; only who gave it, to what and until when is kept.
constexpr CredentialVariant WithConsent(std::string_view type) {
  return {type, "OAuth 2.0, by consent",
          "Somebody consents at the provider; no access token and no refresh token is kept.",
          kAdditional, kProviderConsent};
}

constexpr CredentialVariant kAnthropicVariants[] = {WithToken("AnthropicAPIKey")};
constexpr CredentialVariant kAsanaVariants[] = {
    {"AsanaAccessToken", "Access token", "", kContract, kAccessToken}};
constexpr CredentialVariant kAwsVariants[] = {{"AWSAssumeRole", "Assumed role",
                                               "No secret: the role's trust policy decides.",
                                               kContract, kAwsRole}};
constexpr CredentialVariant kAzureVariants[] = {
    {"AzureTenant", "App registration", "", kContract, kAzureTenant}};
constexpr CredentialVariant kCircleCiVariants[] = {WithToken("CircleCIAPIKey")};
constexpr CredentialVariant kClickupVariants[] = {WithToken("ClickupAPIKey")};
constexpr CredentialVariant kCloudflareVariants[] = {
    WithToken("CloudflareAPIToken"),
    {"CloudflareGlobalAPIToken", "Global API key", "", kContract, kCloudflareGlobal}};
constexpr CredentialVariant kConfigCatVariants[] = {
    {"ConfigCatSDKKey", "SDK key", "", kContract, kConfigCat}};
constexpr CredentialVariant kDatadogVariants[] = {
    {"DatadogAPIKey", "API and application key", "", kContract, kDatadog}};
constexpr CredentialVariant kFastlyVariants[] = {WithKey("FastlyAPIKey")};
constexpr CredentialVariant kFreshserviceVariants[] = {
    {"FreshserviceAPIKey", "API key", "", kContract, kDomainAndKey}};
constexpr CredentialVariant kGcpVariants[] = {
    {"GCPServiceAccount", "Service account", "", kContract, kGcp}};
constexpr CredentialVariant kGeminiVariants[] = {WithKey("GeminiAPIKey")};
constexpr CredentialVariant kGitHubVariants[] = {WithConsent("GitHubOAuth2AuthorizationCode"),
                                                 WithToken("GitHubAPIToken", kAdditional)};
constexpr CredentialVariant kGitlabVariants[] = {WithToken("GitlabAPIKey")};
constexpr CredentialVariant kGreyNoiseVariants[] = {WithKey("GreyNoiseAPIKey")};
constexpr CredentialVariant kHttpVariants[] = {
    {"HTTPTokenAuth", "Tokens",
     "Named tokens, put in place of {{ name }} in headers, URL parameters and body.", kContract,
     kHttpTokens},
    {"HTTPBasicAuth", "Basic", "User name and password (RFC 7617).", kAdditional, kHttpBasic},
    {"HTTPMTLSAuth", "Client certificate", "Mutual TLS.", kAdditional, kHttpMtls},
    {"HTTPTwoStepAuth", "Two steps",
     "A first request fetches a token, which the requests that follow carry.", kAdditional,
     kHttpTwoStep},
    {"HTTPOAuth2ClientCredentials", "OAuth 2.0, client credentials", "RFC 6749, section 4.4.",
     kAdditional, kClientCredentials},
    {"HTTPOAuth2AuthorizationCode", "OAuth 2.0, by consent",
     "Somebody consents at the provider (RFC 6749, section 4.1); no access token and no refresh "
     "token is kept.",
     kAdditional, kAuthorizationCode},
};
constexpr CredentialVariant kJiraVariants[] = {
    WithConsent("JiraOAuth2AuthorizationCode"),
    {"JiraAPIToken", "API token", "", kAdditional, kJiraToken}};
constexpr CredentialVariant kLaunchDarklyVariants[] = {WithToken("LaunchDarklyAPIKey")};
constexpr CredentialVariant kNotionVariants[] = {WithToken("NotionAPIKey")};
constexpr CredentialVariant kOktaVariants[] = {
    {"OktaAPIToken", "API token", "", kContract, kDomainAndToken}};
constexpr CredentialVariant kOpenAiVariants[] = {WithToken("OpenAIAPIKey")};
constexpr CredentialVariant kPagerDutyVariants[] = {WithConsent("PagerDutyOAuth2AuthorizationCode"),
                                                    WithToken("PagerDutyAPIToken", kAdditional)};
constexpr CredentialVariant kServiceNowVariants[] = {
    {"ServiceNowBasicAuth", "Basic", "", kContract, kServiceNow}};
constexpr CredentialVariant kSlackVariants[] = {WithConsent("SlackOAuth2AuthorizationCode")};
constexpr CredentialVariant kSplitVariants[] = {WithKey("SplitAPIKey")};
constexpr CredentialVariant kStatsigVariants[] = {WithKey("StatsigAPIKey")};
constexpr CredentialVariant kVirusTotalVariants[] = {WithKey("VirusTotalAPIKey")};

constexpr IntegrationType kIntegrations[] = {
    {"AWS", "AWS", kContract, {}, kAwsVariants},
    {"Anthropic", "Anthropic", kContract, {}, kAnthropicVariants},
    {"Asana", "Asana", kContract, {}, kAsanaVariants},
    {"Azure", "Azure", kContract, {}, kAzureVariants},
    {"CircleCI", "CircleCI", kContract, {}, kCircleCiVariants},
    {"Clickup", "ClickUp", kContract, {}, kClickupVariants},
    {"Cloudflare", "Cloudflare", kContract, {}, kCloudflareVariants},
    {"ConfigCat", "ConfigCat", kContract, {}, kConfigCatVariants},
    {"Datadog", "Datadog", kContract, {}, kDatadogVariants},
    {"Fastly", "Fastly", kContract, {}, kFastlyVariants},
    {"Freshservice", "Freshservice", kContract, {}, kFreshserviceVariants},
    {"GCP", "Google Cloud", kContract, {}, kGcpVariants},
    {"Gemini", "Gemini", kContract, {}, kGeminiVariants},
    {"GitHub", "GitHub", kAdditional, {}, kGitHubVariants},
    {"Gitlab", "GitLab", kContract, {}, kGitlabVariants},
    {"GreyNoise", "GreyNoise", kContract, {}, kGreyNoiseVariants},
    {"HTTP", "HTTP", kContract, kHttpItself, kHttpVariants},
    {"Jira", "Jira", kAdditional, {}, kJiraVariants},
    {"LaunchDarkly", "LaunchDarkly", kContract, {}, kLaunchDarklyVariants},
    {"Notion", "Notion", kContract, {}, kNotionVariants},
    {"Okta", "Okta", kContract, {}, kOktaVariants},
    {"OpenAI", "OpenAI", kContract, {}, kOpenAiVariants},
    {"PagerDuty", "PagerDuty", kAdditional, {}, kPagerDutyVariants},
    {"ServiceNow", "ServiceNow", kContract, {}, kServiceNowVariants},
    {"Slack", "Slack", kAdditional, {}, kSlackVariants},
    {"Split", "Split", kContract, {}, kSplitVariants},
    {"Statsig", "Statsig", kContract, {}, kStatsigVariants},
    {"VirusTotal", "VirusTotal", kContract, {}, kVirusTotalVariants},
};
static_assert(std::is_sorted(std::begin(kIntegrations), std::end(kIntegrations),
                             [](const auto& a, const auto& b) { return a.type < b.type; }));

// The first of `items` whose `name` is that; null if there is none.
template <typename T>
const T* FindBy(std::span<const T> items, std::string_view T::*name, std::string_view wanted) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const T& item) { return item.*name == wanted; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const CatalogField* CredentialVariant::Find(std::string_view name) const {
  return FindBy(fields, &CatalogField::name, name);
}

bool CredentialVariant::has_secrets() const {
  return std::any_of(fields.begin(), fields.end(),
                     [](const CatalogField& field) { return field.is_secret(); });
}

const CredentialVariant* IntegrationType::Find(std::string_view variant_type) const {
  return FindBy(variants, &CredentialVariant::type, variant_type);
}

std::span<const IntegrationType> IntegrationCatalog() { return kIntegrations; }

const IntegrationType* FindIntegrationType(std::string_view type) {
  return FindBy(IntegrationCatalog(), &IntegrationType::type, type);
}

}  // namespace conntrail::api
