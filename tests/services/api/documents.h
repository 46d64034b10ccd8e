#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "events/event_codec.h"
#include "services/api/connection_document.h"
#include "services/api/integration_catalog.h"
#include "tests/support/fingerprinter.h"
#include "tests/support/org_in_memory.h"

namespace conntrail::api {

using Json = nlohmann::json;

// What is sent where a secret is expected; found again wherever it should not be.
inline const std::string kSecretMark = "s3cr3t-needle";

inline Json Envelope(std::string_view type, Json attributes) {
  return {{"data", {{"type", type}, {"attributes", std::move(attributes)}}}};
}
inline Json ConnectionBody(Json attributes) {
  return Envelope("action_connection", std::move(attributes));
}

// Values that a field takes; different for different `seed`.
inline Json ValueOf(const CatalogField& field, int seed) {
  const std::string n = std::to_string(seed);
  const bool digits = field.pattern != nullptr && field.name == "account_id";
  switch (field.kind) {
    case CatalogFieldKind::kText:
      return digits ? std::string(12 - n.size(), '7') + n : "text " + n;
    case CatalogFieldKind::kSecret:
      return kSecretMark + "-" + std::string(field.name) + n;
    case CatalogFieldKind::kUrl:
      return "https://host" + n + ".example/path?q=" + n;
    case CatalogFieldKind::kChoice:
      return field.choices[static_cast<size_t>(seed) % field.choices.size()];
    case CatalogFieldKind::kInteger:
      return seed;
    case CatalogFieldKind::kTime:
      return "2030-01-01T00:00:00." + std::to_string(100 + seed % 900) + "Z";
    case CatalogFieldKind::kAccount:
      return UserNamed("alice" + n).ToString();
    case CatalogFieldKind::kCertificate:
      return "-----BEGIN CERTIFICATE-----\nMIIB" + n + "\n-----END CERTIFICATE-----\n";
    case CatalogFieldKind::kTexts:
      return Json::array({"read:" + n, "write:" + n});
    case CatalogFieldKind::kNamedTexts:  // not by name
      return {{{"name", "zeta" + n}, {"value", "Bearer {{ token" + n + " }}"}},
              {{"name", "alpha"}, {"value", ""}}};
    case CatalogFieldKind::kNamedSecrets:
      return {{{"name", "token" + n}, {"type", "SECRET"}, {"value", kSecretMark + "-token" + n}},
              {{"name", "another"}, {"type", "SECRET"}, {"value", kSecretMark + "-another" + n}}};
    case CatalogFieldKind::kContent:
      return {{"content", "{\"q\":\"{{ token" + n + " }}\"}\n"},
              {"content_type", "application/json"}};
    case CatalogFieldKind::kFlag:
      return true;
  }
  return nullptr;
}

// A whole integration of that variant with every field that may be sent.
inline Json IntegrationOf(const IntegrationType& type, const CredentialVariant& variant,
                          int seed = 1) {
  Json credentials = {{"type", variant.type}};
  for (const CatalogField& field : variant.fields) {
    if (!field.read_only && !field.patch_only) credentials[field.name] = ValueOf(field, seed);
  }
  Json integration = {{"type", type.type}, {"credentials", std::move(credentials)}};
  for (const CatalogField& field : type.fields) integration[field.name] = ValueOf(field, seed);
  return integration;
}

// The same as it is answered: secrets as "".
inline Json WithoutSecrets(Json integration, const CredentialVariant& variant) {
  Json& credentials = integration["credentials"];
  for (const CatalogField& field : variant.fields) {
    if (!credentials.contains(field.name)) continue;
    if (field.kind == CatalogFieldKind::kSecret) credentials[field.name] = "";
    if (field.kind != CatalogFieldKind::kNamedSecrets) continue;
    for (Json& entry : credentials[field.name]) entry["value"] = "";
  }
  return integration;
}

// Alice at her desk: she sends documents of one connection, `pager`, and reads answers.
class Desk {
 public:
  NewIds ids{.connection = ConnectionNamed("pager"),
             .external_id = "0123456789abcdef0123456789abcdef"};

  Parsed<ConnectionCreated> ReadNew(const Json& body) const {
    return ReadNewConnection(body.dump(), ids, TestFingerprinter());
  }
  Parsed<ConnectionEdited> ReadPatch(const Json& body) const {
    return ReadConnectionPatch(body.dump(), connection(), ids, TestFingerprinter());
  }

  // The verdict in words, or the fault.
  std::string Create(const Json& attributes) { return Send(ReadNew(ConnectionBody(attributes))); }
  std::string Patch(const Json& attributes) { return Send(ReadPatch(ConnectionBody(attributes))); }

  const Connection& connection() const { return acme.connection("pager"); }
  Json Answer(const ConnectionAddition& addition = {}) const {
    JsonWriter out;
    WriteConnection(out, connection(), addition);
    return Json::parse(out.text());
  }
  Json Integration() const { return Answer()["attributes"]["integration"]; }

  // All events so far, as bytes.
  const std::string& bytes() const { return bytes_; }

  OrgInMemory acme;

 private:
  template <typename T>
  std::string Send(const Parsed<T>& action) {
    if (!action.ok()) return action.fault().pointer + ": " + action.fault().detail;
    const Event event = Intent("alice", *action);
    const Bytes encoded = EncodeEvent(event);
    bytes_ += AsText(encoded);
    if (DecodeEvent(encoded).event != event) return "does not survive encoding";
    return acme.Says(event);
  }

  std::string bytes_;
};

}  // namespace conntrail::api
