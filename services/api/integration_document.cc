#include "services/api/integration_document.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/api/consent_document.h"
#include "services/api/integration_catalog.h"
#include "services/api/json_body.h"
#include "services/api/text_rules.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kResourceType = "integration";
constexpr std::string_view kSecretsPrefix = "secrets.";
constexpr std::string_view kTypes[] = {"GitHub", "Jira", "PagerDuty", "Slack"};

constexpr CatalogField kAccount{.name = "account", .bytes_max = 255};

void WriteText(JsonWriter& out, std::string_view name, std::string_view text) {
  out.Name(name);
  out.Text(text);
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
    connected.secrets = ReadSecretMembers(
        reader, *secrets, kSecretsPrefix, fingerprinter,
        [](std::string_view name) { return name.find('.') == std::string_view::npos; });
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
