#include <algorithm>

#include <fmt/format.h>

#include "events/base/bytes.h"
#include "events/base/sha256.h"
#include "services/api/connection_document.h"
#include "services/api/connection_paths.h"
#include "services/api/consent_document.h"

namespace conntrail::api {
namespace {

// What stands for a part that a source has not described.
constexpr std::string_view kUndescribed = "Custom";
constexpr std::string_view kScopesPath = "scopes";
constexpr std::string_view kCredentialScopesPath = "integration.credentials.scopes";
constexpr size_t kShortBytes = 8;  // of a fingerprint, enough to tell two apart

void WriteText(JsonWriter& out, std::string_view name, std::string_view text) {
  out.Name(name);
  out.Text(text);
}

void WriteTime(JsonWriter& out, std::string_view name, const std::optional<UnixMs>& time_ms) {
  out.Name(name);
  if (time_ms) {
    out.Text(FormatTime(*time_ms));
  } else {
    out.Null();
  }
}

void WriteTexts(JsonWriter& out, const TextList& texts) {
  out.BeginArray();
  for (const std::string& text : texts) out.Text(text);
  out.EndArray();
}

void WriteValue(JsonWriter& out, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return out.Text(*text);
  if (const auto* flag = std::get_if<bool>(&value)) return out.Bool(*flag);
  if (const auto* number = std::get_if<int64_t>(&value)) return out.Int(*number);
  if (const auto* texts = std::get_if<TextList>(&value)) return WriteTexts(out, *texts);
  out.Null();
}

// Writes one connection and remembers which of its fields have been written.
class ResourceWriter {
 public:
  ResourceWriter(JsonWriter& out, const Connection& connection)
      : out_(out), connection_(connection), written_(connection.fields.size(), false) {}

  void Write(const ConnectionAddition& addition);

 private:
  const FieldValue* Take(std::string_view path);
  void WriteOwn();
  void WriteIntegration();
  void WriteDescribed(const CatalogField& field, std::string_view prefix);
  void WriteEntries(const CatalogField& field, const std::string& path);
  void WriteContent(const CatalogField& field, const std::string& path);
  void WriteScopes();
  void WriteCredential();
  void WriteOthers();

  JsonWriter& out_;
  const Connection& connection_;
  std::vector<bool> written_;
};

const FieldValue* ResourceWriter::Take(std::string_view path) {
  const Fields& fields = connection_.fields;
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), path,
                       [](const Field& field, std::string_view p) { return field.path < p; });
  if (found == fields.end() || found->path != path) return nullptr;
  written_[static_cast<size_t>(found - fields.begin())] = true;
  return &found->value;
}

void ResourceWriter::Write(const ConnectionAddition& addition) {
  out_.BeginObject();
  WriteText(out_, "type", "action_connection");
  WriteText(out_, "id", connection_.id.ToString());
  out_.Name("attributes");
  out_.BeginObject();
  WriteOwn();
  out_.Name("acting_user_can_resolve");
  out_.Bool(addition.acting_user_can_resolve);
  WriteText(out_, "created_at", GoTime(connection_.life.created.time_ms));
  WriteText(out_, "last_updated", GoTime(connection_.life.changed.time_ms));
  out_.Name("is_favorite");
  out_.Bool(false);
  out_.Name("external_secrets_manager");
  out_.Null();
  out_.Name("revision");
  out_.Uint(connection_.life.revision.value);
  WriteScopes();
  out_.Name("suspended");
  out_.Bool(connection_.suspended);
  WriteTime(out_, "last_used_at", addition.last_used_at_ms);
  WriteCredential();
  WriteOthers();
  out_.EndObject();
  out_.Name("relationships");
  out_.BeginObject();
  out_.Name("created_by");
  out_.BeginObject();
  out_.Name("data");
  if (connection_.created_by) {
    out_.BeginObject();
    WriteText(out_, "id", connection_.created_by->id.ToString());
    WriteText(out_, "type", "created_by");
    out_.EndObject();
  } else {
    out_.Null();
  }
  out_.EndObject();
  out_.EndObject();
  out_.EndObject();
}

void ResourceWriter::WriteOwn() {
  Take(kNamePath);
  WriteText(out_, "name", TextAt(connection_.fields, kNamePath));
  out_.Name("integration");
  WriteIntegration();
  const FieldValue* tags = FindField(connection_.fields, kTagsPath);
  if (tags == nullptr || !std::holds_alternative<TextList>(*tags)) return;
  out_.Name("tags");
  WriteValue(out_, *Take(kTagsPath));
}

void ResourceWriter::WriteIntegration() {
  const Described described = DescribedBy(connection_.fields);
  const auto write_type = [&](std::string_view path) {
    Take(path);
    const std::string_view type = TextAt(connection_.fields, path);
    WriteText(out_, "type", type.empty() ? kUndescribed : type);
  };
  out_.BeginObject();
  write_type(kIntegrationTypePath);
  if (described.integration != nullptr) {
    for (const CatalogField& field : described.integration->fields) {
      WriteDescribed(field, kIntegrationPrefix);
    }
  }
  out_.Name("credentials");
  out_.BeginObject();
  write_type(kCredentialsTypePath);
  if (described.variant != nullptr) {
    for (const CatalogField& field : described.variant->fields) {
      WriteDescribed(field, kCredentialsPrefix);
    }
  }
  out_.EndObject();
  out_.EndObject();
}

// Clients drop a whole answer if a required text is missing: then it is written as "".
void ResourceWriter::WriteDescribed(const CatalogField& field, std::string_view prefix) {
  const std::string path = std::string(prefix) + std::string(field.name);
  const FieldValue* value = nullptr;
  switch (field.kind) {
    case CatalogFieldKind::kFlag:
      return;
    case CatalogFieldKind::kSecret: {
      const auto& secrets = connection_.credential.secrets;
      const bool known = std::any_of(secrets.begin(), secrets.end(),
                                     [&](const auto& secret) { return secret.field == path; });
      if (field.required || known) WriteText(out_, field.name, "");
      return;
    }
    case CatalogFieldKind::kNamedTexts:
    case CatalogFieldKind::kNamedSecrets:
      return WriteEntries(field, path);
    case CatalogFieldKind::kContent:
      return WriteContent(field, path);
    default:
      break;
  }
  if (!field.constant.empty()) return WriteText(out_, field.name, field.constant);
  value = Take(path);
  if (value == nullptr && !field.required) return;
  out_.Name(field.name);
  if (value != nullptr) return WriteValue(out_, *value);
  out_.Text("");
}

void ResourceWriter::WriteEntries(const CatalogField& field, const std::string& path) {
  const std::vector<std::string> names = EntriesOf(connection_.fields, path, field.kind);
  Take(path);  // their order
  if (names.empty()) return;
  out_.Name(field.name);
  out_.BeginArray();
  for (const std::string& name : names) {
    const std::string entry = path + '.' + name;
    out_.BeginObject();
    WriteText(out_, "name", name);
    if (field.is_secret()) {
      out_.Name("type");
      WriteValue(out_, *Take(entry + ".type"));
      WriteText(out_, "value", "");
    } else {
      out_.Name("value");
      WriteValue(out_, *Take(entry));
    }
    out_.EndObject();
  }
  out_.EndArray();
}

void ResourceWriter::WriteContent(const CatalogField& field, const std::string& path) {
  const FieldValue* content = Take(path + ".content");
  const FieldValue* content_type = Take(path + ".content_type");
  if (content == nullptr && content_type == nullptr) return;
  out_.Name(field.name);
  out_.BeginObject();
  if (content != nullptr) {
    out_.Name("content");
    WriteValue(out_, *content);
  }
  if (content_type != nullptr) {
    out_.Name("content_type");
    WriteValue(out_, *content_type);
  }
  out_.EndObject();
}

// What the credential may do, wherever that is written: sources report it beside the integration.
void ResourceWriter::WriteScopes() {
  for (const std::string_view path : {kScopesPath, kCredentialScopesPath}) {
    const FieldValue* scopes = FindField(connection_.fields, path);
    if (scopes == nullptr || !std::holds_alternative<TextList>(*scopes)) continue;
    out_.Name("scopes");
    return WriteValue(out_, *Take(path));
  }
  out_.Name("scopes");
  WriteTexts(out_,
             connection_.credential.consent ? connection_.credential.consent->scopes : TextList());
}

void ResourceWriter::WriteCredential() {
  const Credential& credential = connection_.credential;
  out_.Name("credential");
  out_.BeginObject();
  out_.Name("present");
  out_.Bool(credential.present);
  out_.Name("version");
  out_.Uint(credential.version);
  Bytes digests;
  out_.Name("fingerprints");
  out_.BeginObject();
  for (const SecretFingerprint& secret : credential.secrets) {
    const ByteSpan digest = std::as_bytes(std::span(secret.digest));
    digests.insert(digests.end(), digest.begin(), digest.end());
    WriteText(out_, secret.field, ToHex(digest.first(kShortBytes)));
  }
  out_.EndObject();
  out_.Name("fingerprint");
  if (credential.secrets.size() == 1) {
    out_.Text(ToHex(ByteSpan(digests).first(kShortBytes)));
  } else if (credential.secrets.empty()) {
    out_.Null();
  } else {
    const auto all = Sha256(digests);
    out_.Text(ToHex(std::as_bytes(std::span(all)).first(kShortBytes)));
  }
  WriteTime(out_, "rotated_at",
            credential.issued ? std::optional(credential.issued->time_ms) : std::nullopt);
  std::optional<UnixMs> expires_at_ms = credential.expires_at_ms;
  if (!expires_at_ms) {
    expires_at_ms = ParseTime(TextAt(connection_.fields, "integration.credentials.expires_at"));
  }
  WriteTime(out_, "expires_at", expires_at_ms);
  out_.Name("consent");
  WriteConsent(out_, ConsentOf(connection_));
  out_.EndObject();
}

void ResourceWriter::WriteOthers() {
  if (std::find(written_.begin(), written_.end(), false) == written_.end()) return;
  out_.Name("fields");
  out_.BeginObject();
  for (size_t i = 0; i < written_.size(); ++i) {
    if (written_[i]) continue;
    out_.Name(connection_.fields[i].path);
    WriteValue(out_, connection_.fields[i].value);
  }
  out_.EndObject();
}

}  // namespace

void WriteConnection(JsonWriter& out, const Connection& connection,
                     const ConnectionAddition& addition) {
  ResourceWriter(out, connection).Write(addition);
}

std::optional<Consent> ConsentOf(const Connection& connection) {
  if (connection.credential.consent) return connection.credential.consent;
  const std::optional<Principal> given_by =
      Principal::Parse(TextAt(connection.fields, "integration.credentials.consent_by"));
  if (!given_by) return std::nullopt;
  Consent consent{
      .provider = std::string(TextAt(connection.fields, kIntegrationTypePath)),
      .client_id = std::string(TextAt(connection.fields, "integration.credentials.client_id")),
      .scopes = {},
      .given_by = *given_by};
  const FieldValue* scopes = FindField(connection.fields, kCredentialScopesPath);
  const TextList* list = scopes == nullptr ? nullptr : std::get_if<TextList>(scopes);
  if (list != nullptr) consent.scopes = *list;
  return consent;
}

std::string GoTime(UnixMs time_ms) {
  std::string text = FormatTime(time_ms);  // 2026-07-13T13:25:37.434Z
  text.pop_back();
  text[10] = ' ';
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + " +0000 UTC";
}

}  // namespace conntrail::api
