#include "services/api/credential_document.h"

#include <algorithm>

#include "events/base/time.h"
#include "events/model/enum_names.h"
#include "services/api/connection_paths.h"
#include "services/api/consent_document.h"
#include "services/api/integration_catalog.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kResourceType = "credential";

// "tokens.first" of a list stands among the fingerprints once the connection has it.
bool IsSecretOf(const Connection& connection, std::string_view name) {
  const std::string path = std::string(kCredentialsPrefix) + std::string(name);
  const auto& kept = connection.credential.secrets;
  if (std::any_of(kept.begin(), kept.end(), [&](const auto& s) { return s.field == path; })) {
    return true;
  }
  const CredentialVariant* variant = DescribedBy(connection.fields).variant;
  if (variant == nullptr) return true;  // of a source that has its own names
  return std::any_of(variant->fields.begin(), variant->fields.end(), [&](const CatalogField& f) {
    return f.kind == CatalogFieldKind::kSecret && f.name == name;
  });
}

// What issue and rotation have in common.
struct NewCredential {
  std::vector<SecretFingerprint> secrets;
  std::optional<UnixMs> expires_at_ms;
  CredentialCause cause = CredentialCause::kAsked;
  std::optional<Consent> consent;
};

void ReadCause(BodyReader& reader, const JsonValue& value, NewCredential& made) {
  using enum CredentialCause;
  const auto cause = ParseEnum<CredentialCause>(reader.Text(value));
  made.cause = cause.value_or(kUnspecified);
  if (made.cause != kAsked && made.cause != kConsent && made.cause != kRefresh &&
      made.cause != kLeak) {
    reader.Fail(value, "must be one of: asked, consent, refresh, leak");
  }
}

NewCredential Read(BodyReader& reader, const JsonValue& attributes, const Connection& connection,
                   const Principal& caller, const Fingerprinter& fingerprinter) {
  NewCredential made;
  if (const JsonValue* cause = reader.Find(attributes, "cause")) ReadCause(reader, *cause, made);
  if (const JsonValue* secrets = reader.Find(attributes, "secrets")) {
    made.secrets =
        ReadSecretMembers(reader, *secrets, kCredentialsPrefix, fingerprinter,
                          [&](std::string_view name) { return IsSecretOf(connection, name); });
  }
  if (const JsonValue* expires = reader.Find(attributes, "expires_at")) {
    made.expires_at_ms = ParseTime(reader.Text(*expires));
    if (!made.expires_at_ms) reader.Fail(*expires, "must be a time, like 2026-05-03T14:03:00Z");
  }
  if (const JsonValue* consent = reader.Find(attributes, "consent")) {
    made.consent =
        ReadConsent(reader, *consent, TextAt(connection.fields, kIntegrationTypePath), caller);
  } else if (made.cause == CredentialCause::kConsent) {
    reader.Fail(attributes, "member \"consent\" is missing; cause \"consent\" needs it");
  }
  reader.RefuseOthers(attributes, "cause, secrets, expires_at, consent");
  return made;
}

template <typename Given>
Given Made(const Connection& connection, NewCredential made) {
  return {.connection = connection.id,
          .secrets = std::move(made.secrets),
          .expires_at_ms = made.expires_at_ms,
          .cause = made.cause,
          .consent = std::move(made.consent)};
}

}  // namespace

Parsed<Action> ReadNewCredential(std::string_view body, const Connection& connection,
                                 const Principal& caller, const Fingerprinter& fingerprinter) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  BodyReader reader(*root);
  const JsonValue* attributes = ReadEnvelope(reader, *root, kResourceType);
  if (attributes == nullptr) return reader.fault();
  NewCredential made = Read(reader, *attributes, connection, caller, fingerprinter);
  if (!reader.ok()) return reader.fault();
  if (connection.credential.present) {
    return Action(Made<CredentialRotated>(connection, std::move(made)));
  }
  return Action(Made<CredentialIssued>(connection, std::move(made)));
}

Parsed<CredentialCause> ReadWithdrawalCause(const std::string* parameter) {
  using enum CredentialCause;
  if (parameter == nullptr) return kAsked;
  const auto cause = ParseEnum<CredentialCause>(*parameter);
  if (cause &&
      (*cause == kAsked || *cause == kExpiry || *cause == kRevocation || *cause == kLeak)) {
    return *cause;
  }
  return Fault{.title = "Invalid Parameter",
               .detail = "must be one of: asked, expiry, revocation, leak",
               .parameter = "cause"};
}

}  // namespace conntrail::api
