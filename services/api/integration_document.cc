#include "services/api/integration_document.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/api/integration_catalog.h"
#include "services/api/json_body.h"
#include "services/api/text_rules.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kResourceType = "integration";
constexpr std::string_view kSecretsPrefix = "secrets.";
constexpr std::string_view kTypes[] = {"GitHub", "Jira", "PagerDuty", "Slack"};
constexpr size_t kSecretsMax = 16;
constexpr size_t kSecretBytesMax = 32768;
constexpr size_t kSecretNameMax = 80;

constexpr CatalogField kAccount{.name = "account", .bytes_max = 255};
constexpr CatalogField kProvider{.name = "provider", .bytes_max = 255};
constexpr CatalogField kClientId{.name = "client_id", .bytes_max = 1024};
constexpr CatalogField kScope{.name = "scopes", .bytes_max = 512};

bool IsSecretName(std::string_view name) {
  return !name.empty() && name.size() <= kSecretNameMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

Consent ReadConsent(BodyReader& reader, const JsonValue& value, std::string_view type,
                    const Principal& caller) {
  Consent consent{.provider = std::string(type), .client_id = {}, .scopes = {}, .given_by = caller};
  if (const JsonValue* provider = reader.Find(value, "provider")) {
    consent.provider = ReadDescribedText(reader, *provider, kProvider);
  }
  if (const JsonValue* client_id = reader.Require(value, "client_id")) {
    consent.client_id = ReadDescribedText(reader, *client_id, kClientId);
  }
  if (const JsonValue* scopes = reader.Find(value, "scopes")) {
    for (const JsonValue& scope : reader.Items(*scopes)) {
      consent.scopes.push_back(ReadDescribedText(reader, scope, kScope));
    }
    if (consent.scopes.size() > kListEntriesMax) {
      reader.Fail(*scopes, fmt::format("must not have more than {} items", kListEntriesMax));
    }
  }
  if (const JsonValue* given_by = reader.Find(value, "given_by")) {
    const std::optional<Principal> account = Principal::Parse(reader.Text(*given_by));
    if (!account || !account->is_account()) {
      reader.Fail(*given_by, "must be user:<uuid> or service_account:<uuid>, in lower case");
    }
    consent.given_by = account.value_or(caller);
  }
  reader.RefuseOthers(value, "provider, client_id, scopes, given_by");
  std::sort(consent.scopes.begin(), consent.scopes.end());
  consent.scopes.erase(std::unique(consent.scopes.begin(), consent.scopes.end()),
                       consent.scopes.end());
  return consent;
}

std::vector<SecretFingerprint> ReadSecrets(BodyReader& reader, const JsonValue& value,
                                           const Fingerprinter& fingerprinter) {
  std::vector<SecretFingerprint> secrets;
  if (!reader.IsObject(value)) return secrets;
  if (value.items.size() > kSecretsMax) {
    reader.Fail(value, fmt::format("must not have more than {} members", kSecretsMax));
  }
  for (const JsonValue& member : value.items) {
    // The name is not repeated: who puts a secret there must not find it in an answer.
    if (!IsSecretName(member.name)) {
      reader.Fail(value, "has a member whose name is not of letters, digits and \"_\"");
    }
    reader.RefuseTokens(value, member.name);
    const std::string& secret = reader.Text(member);
    if (secret.empty()) reader.Fail(member, "must not be empty");
    if (secret.size() > kSecretBytesMax) {
      reader.Fail(member, fmt::format("must not be longer than {} bytes", kSecretBytesMax));
    }
    if (!reader.ok()) return {};
    secrets.push_back(fingerprinter.Fingerprint(std::string(kSecretsPrefix) + member.name, secret));
  }
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.field < b.field; });
  return secrets;
}

void WriteText(JsonWriter& out, std::string_view name, std::string_view text) {
  out.Name(name);
  out.Text(text);
}

void WriteConsent(JsonWriter& out, const std::optional<Consent>& consent) {
  if (!consent) return out.Null();
  out.BeginObject();
  WriteText(out, "provider", consent->provider);
  WriteText(out, "client_id", consent->client_id);
  out.Name("scopes");
  out.BeginArray();
  for (const std::string& scope : consent->scopes) out.Text(scope);
  out.EndArray();
  WriteText(out, "given_by", consent->given_by.ToString());
  out.EndObject();
}

}  // namespace

std::span<const std::string_view> ConnectableTypes() { return kTypes; }

Parsed<IntegrationConnected> ReadNewConnectedIntegration(std::string_view body, const Uuid& id,
                                                         const Principal& caller,
                                                         const Fingerprinter& fingerprinter) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  BodyReader reader(*root);
  const JsonValue* attributes = ReadEnvelope(reader, *root, kResourceType);
  if (attributes == nullptr) return reader.fault();
  IntegrationConnected connected{.integration = id};
  if (const JsonValue* type = reader.Require(*attributes, "type")) {
    connected.type = reader.Text(*type);
    if (std::find(std::begin(kTypes), std::end(kTypes), connected.type) == std::end(kTypes)) {
      reader.Fail(*type, fmt::format("must be one of: {}", fmt::join(kTypes, ", ")));
    }
  }
  if (const JsonValue* account = reader.Require(*attributes, "account")) {
    connected.account = ReadDescribedText(reader, *account, kAccount);
  }
  if (const JsonValue* consent = reader.Find(*attributes, "consent")) {
    connected.consent = ReadConsent(reader, *consent, connected.type, caller);
  }
  if (const JsonValue* secrets = reader.Find(*attributes, "secrets")) {
    connected.secrets = ReadSecrets(reader, *secrets, fingerprinter);
  }
  reader.RefuseOthers(*attributes, "type, account, consent, secrets");
  if (!reader.ok()) return reader.fault();
  return connected;
}

void WriteConnectedIntegration(JsonWriter& out, const Integration& integration) {
  out.BeginObject();
  WriteText(out, "type", kResourceType);
  WriteText(out, "id", integration.id.ToString());
  out.Name("attributes");
  out.BeginObject();
  WriteText(out, "type", integration.type);
  WriteText(out, "account", integration.account);
  out.Name("consent");
  WriteConsent(out, integration.consent);
  out.Name("secrets");
  out.BeginObject();
  for (const SecretFingerprint& secret : integration.secrets) {
    std::string_view name = secret.field;
    if (name.starts_with(kSecretsPrefix)) name.remove_prefix(kSecretsPrefix.size());
    WriteText(out, name, "");
  }
  out.EndObject();
  WriteText(out, "created_at", FormatTime(integration.life.created.time_ms));
  WriteText(out, "last_updated", FormatTime(integration.life.changed.time_ms));
  out.Name("revision");
  out.Uint(integration.life.revision.value);
  out.EndObject();
  out.EndObject();
}

}  // namespace conntrail::api
