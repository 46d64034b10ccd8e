#include "services/api/consent_document.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/api/integration_catalog.h"
#include "services/api/text_rules.h"

namespace conntrail::api {
namespace {

constexpr size_t kSecretsMax = 16;
constexpr size_t kSecretBytesMax = 32768;
constexpr size_t kSecretNameMax = 80;

constexpr CatalogField kProvider{.name = "provider", .bytes_max = 255};
constexpr CatalogField kClientId{.name = "client_id", .bytes_max = 1024};
constexpr CatalogField kScope{.name = "scopes", .bytes_max = 512};

bool IsSecretName(std::string_view name) {
  return !name.empty() && name.size() <= kSecretNameMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.';
         });
}

}  // namespace

Consent ReadConsent(BodyReader& reader, const JsonValue& value, std::string_view provider,
                    const Principal& caller) {
  Consent consent{
      .provider = std::string(provider), .client_id = {}, .scopes = {}, .given_by = caller};
  if (const JsonValue* named = reader.Find(value, "provider")) {
    consent.provider = ReadDescribedText(reader, *named, kProvider);
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

void WriteConsent(JsonWriter& out, const std::optional<Consent>& consent) {
  if (!consent) return out.Null();
  out.BeginObject();
  out.Name("provider");
  out.Text(consent->provider);
  out.Name("client_id");
  out.Text(consent->client_id);
  out.Name("scopes");
  out.BeginArray();
  for (const std::string& scope : consent->scopes) out.Text(scope);
  out.EndArray();
  out.Name("given_by");
  out.Text(consent->given_by.ToString());
  out.EndObject();
}

std::vector<SecretFingerprint> ReadSecretMembers(
    BodyReader& reader, const JsonValue& value, std::string_view prefix,
    const Fingerprinter& fingerprinter, const std::function<bool(std::string_view name)>& takes) {
  std::vector<SecretFingerprint> secrets;
  if (!reader.IsObject(value)) return secrets;
  if (value.items.size() > kSecretsMax) {
    reader.Fail(value, fmt::format("must not have more than {} members", kSecretsMax));
  }
  for (const JsonValue& member : value.items) {
    // The name is not repeated: who puts a secret there must not find it in an answer.
    if (!IsSecretName(member.name)) {
      reader.Fail(value, "has a member whose name is not of letters, digits and \"_\"");
    } else if (!takes(member.name)) {
      reader.Fail(value, "has a member that names no secret of it");
    }
    reader.RefuseTokens(value, member.name);
    const std::string& secret = reader.Text(member);
    if (secret.empty()) reader.Fail(member, "must not be empty");
    if (secret.size() > kSecretBytesMax) {
      reader.Fail(member, fmt::format("must not be longer than {} bytes", kSecretBytesMax));
    }
    if (!reader.ok()) return {};
    secrets.push_back(fingerprinter.Fingerprint(std::string(prefix) + member.name, secret));
  }
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.field < b.field; });
  return secrets;
}

}  // namespace conntrail::api
