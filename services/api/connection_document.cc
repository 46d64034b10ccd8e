#include "services/api/connection_document.h"

#include <utility>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "services/api/credential_reader.h"
#include "services/api/text_rules.h"

namespace conntrail::api {
namespace {

constexpr std::string_view kResourceType = "action_connection";
constexpr size_t kDocumentBytesMax = 48'000;  // in an event, so that it fits a record
constexpr size_t kFieldBytes = 80;            // of a field in an event, beside its texts
constexpr std::string_view kAttributes = "name, integration, tags";

std::string TypesOf(std::span<const IntegrationType> integrations) {
  std::string types;
  for (const IntegrationType& integration : integrations) {
    types += fmt::format("{}{}", types.empty() ? "" : ", ", integration.type);
  }
  return types;
}

std::string TypesOf(std::span<const CredentialVariant> variants) {
  std::string types;
  for (const CredentialVariant& variant : variants) {
    types += fmt::format("{}{}", types.empty() ? "" : ", ", variant.type);
  }
  return types;
}

// One document on its way into a DocumentEdit.
class DocumentReader {
 public:
  DocumentReader(const JsonValue& root, const NewIds& ids, const Fingerprinter& fingerprinter)
      : root_(root), reader_(root), ids_(ids), fingerprinter_(fingerprinter) {}

  void ReadNew();
  void ReadPatch(const Connection& current);

  bool ok() const { return reader_.ok(); }
  const Fault& fault() const { return reader_.fault(); }
  const DocumentEdit& edit() const { return edit_; }
  // REQUIRES: ReadNew was ok.
  const CredentialVariant& variant() const { return *variant_; }

 private:
  void ReadNameAndTags(const JsonValue& attributes, bool name_required);
  const IntegrationType* ReadType(const JsonValue& integration);
  const CredentialVariant* ReadVariant(const JsonValue& credentials, const IntegrationType& type);
  void ReadNewIntegration(const JsonValue& integration);
  void PatchIntegration(const JsonValue& integration, const Connection& current);
  void PatchCredentials(const JsonValue& credentials, const IntegrationType& type,
                        const Connection& current);
  void DropCredentials(const Connection& current);
  void CheckSize();

  const JsonValue& root_;
  BodyReader reader_;
  const NewIds& ids_;
  const Fingerprinter& fingerprinter_;
  const Connection nothing_;
  DocumentEdit edit_;
  const CredentialVariant* variant_ = nullptr;
};

void DocumentReader::ReadNameAndTags(const JsonValue& attributes, bool name_required) {
  const JsonValue* name =
      name_required ? reader_.Require(attributes, "name") : reader_.Find(attributes, "name");
  if (name != nullptr) edit_.Set(std::string(kNamePath), ReadDisplayName(reader_, *name));
  const JsonValue* tags = reader_.Find(attributes, "tags");
  if (tags == nullptr) return;
  TextList list = ReadTags(reader_, *tags);
  edit_.Set(std::string(kTagsPath), list.empty() ? FieldValue() : FieldValue(std::move(list)));
}

const IntegrationType* DocumentReader::ReadType(const JsonValue& integration) {
  const JsonValue* type = reader_.Require(integration, "type");
  if (type == nullptr) return nullptr;
  const IntegrationType* found = FindIntegrationType(reader_.Text(*type));
  if (found == nullptr) {
    reader_.Fail(*type, fmt::format("must be one of: {}", TypesOf(IntegrationCatalog())));
  }
  return found;
}

const CredentialVariant* DocumentReader::ReadVariant(const JsonValue& credentials,
                                                     const IntegrationType& integration) {
  const JsonValue* type = reader_.Require(credentials, "type");
  if (type == nullptr) return nullptr;
  const CredentialVariant* found = integration.Find(reader_.Text(*type));
  if (found == nullptr) {
    reader_.Fail(*type, fmt::format("must be one of: {}", TypesOf(integration.variants)));
  }
  return found;
}

void DocumentReader::ReadNew() {
  const JsonValue* attributes = ReadEnvelope(reader_, root_, kResourceType);
  if (attributes == nullptr) return;
  ReadNameAndTags(*attributes, true);
  const JsonValue* integration = reader_.Require(*attributes, "integration");
  reader_.RefuseOthers(*attributes, kAttributes);
  if (integration != nullptr) ReadNewIntegration(*integration);
  CheckSize();
}

void DocumentReader::ReadNewIntegration(const JsonValue& integration) {
  const IntegrationType* type = ReadType(integration);
  const JsonValue* credentials = reader_.Require(integration, "credentials");
  if (type == nullptr || credentials == nullptr) return;
  variant_ = ReadVariant(*credentials, *type);
  if (variant_ == nullptr) return;
  edit_.Set(std::string(kIntegrationTypePath), std::string(type->type));
  edit_.Set(std::string(kCredentialsTypePath), std::string(variant_->type));
  DescribedReader described(reader_, fingerprinter_, nothing_, edit_);
  described.Read(integration, type->fields, kIntegrationPrefix, {}, ids_.external_id);
  described.Read(*credentials, variant_->fields, kCredentialsPrefix, {}, ids_.external_id);
}

void DocumentReader::ReadPatch(const Connection& current) {
  const JsonValue* attributes =
      ReadEnvelope(reader_, root_, kResourceType, IdRule::kOptional, current.id.ToString());
  if (attributes == nullptr) return;
  ReadNameAndTags(*attributes, false);
  const JsonValue* integration = reader_.Find(*attributes, "integration");
  reader_.RefuseOthers(*attributes, kAttributes);
  if (integration != nullptr) PatchIntegration(*integration, current);
  CheckSize();
}

void DocumentReader::PatchIntegration(const JsonValue& integration, const Connection& current) {
  const IntegrationType* type = ReadType(integration);
  if (type == nullptr) return;
  const std::string_view known = TextAt(current.fields, kIntegrationTypePath);
  if (known != type->type) {
    const JsonValue& at = *reader_.Find(integration, "type");
    return reader_.Fail(at, FindIntegrationType(known) != nullptr
                                ? fmt::format("cannot be changed: it is {}", known)
                                : "this connection comes from a source that does not describe its "
                                  "integration: only its name and tags can be edited");
  }
  const JsonValue* credentials = reader_.Find(integration, "credentials");
  DescribedReader described(reader_, fingerprinter_, current, edit_);
  described.Read(integration, type->fields, kIntegrationPrefix, {.whole = false, .patch = true},
                 ids_.external_id);
  if (credentials != nullptr) PatchCredentials(*credentials, *type, current);
}

void DocumentReader::PatchCredentials(const JsonValue& credentials, const IntegrationType& type,
                                      const Connection& current) {
  const CredentialVariant* variant = ReadVariant(credentials, type);
  if (variant == nullptr) return;
  const bool same = TextAt(current.fields, kCredentialsTypePath) == variant->type;
  if (!same) {
    DropCredentials(current);
    edit_.Set(std::string(kCredentialsTypePath), std::string(variant->type));
  }
  DescribedReader described(reader_, fingerprinter_, same ? current : nothing_, edit_);
  described.Read(credentials, variant->fields, kCredentialsPrefix, {.whole = !same, .patch = true},
                 ids_.external_id);
}

// Of the credentials before nothing stays: no field, and no fingerprint that could be taken for a
// secret in use.
void DocumentReader::DropCredentials(const Connection& current) {
  for (const Field& field : current.fields) {
    if (field.path.starts_with(kCredentialsPrefix)) edit_.Drop(field.path);
  }
  for (const SecretFingerprint& secret : current.credential.secrets) {
    if (FindField(current.fields, secret.field) == nullptr) edit_.Drop(secret.field);
  }
}

void DocumentReader::CheckSize() {
  size_t bytes = 0;
  for (const auto& [path, value] : edit_.fields) {
    bytes += path.size() + kFieldBytes;
    if (const std::string* text = std::get_if<std::string>(&value)) bytes += text->size();
    if (const TextList* list = std::get_if<TextList>(&value)) {
      for (const std::string& text : *list) bytes += text.size() + 8;
    }
  }
  for (const auto& [path, secret] : edit_.secrets) bytes += path.size() + kFieldBytes;
  if (bytes > kDocumentBytesMax) {
    reader_.Fail(root_, fmt::format("is too large: what is kept of one document must not be longer "
                                    "than {} bytes",
                                    kDocumentBytesMax));
  }
  if (edit_.fields.size() > kFieldsMax || edit_.secrets.size() > kFieldsMax) {
    reader_.Fail(root_, fmt::format("changes more than {} fields at once", kFieldsMax));
  }
}

}  // namespace

Parsed<ConnectionCreated> ReadNewConnection(std::string_view body, const NewIds& ids,
                                            const Fingerprinter& fingerprinter) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  DocumentReader document(*root, ids, fingerprinter);
  document.ReadNew();
  if (!document.ok()) return document.fault();
  ConnectionCreated created{
      .connection = ids.connection, .fields = {}, .secrets = document.edit().Secrets()};
  for (FieldChange& change : document.edit().Changes()) {
    if (change.after.index() == 0) continue;
    created.fields.push_back({std::move(change.path), std::move(change.after)});
  }
  created.has_credential = !created.secrets.empty() || !document.variant().has_secrets();
  return created;
}

Parsed<ConnectionEdited> ReadConnectionPatch(std::string_view body, const Connection& current,
                                             const NewIds& ids,
                                             const Fingerprinter& fingerprinter) {
  const Parsed<JsonValue> root = ParseBody(body);
  if (!root.ok()) return root.fault();
  DocumentReader document(*root, ids, fingerprinter);
  document.ReadPatch(current);
  if (!document.ok()) return document.fault();
  return ConnectionEdited{.connection = current.id,
                          .changes = document.edit().Changes(),
                          .secrets = document.edit().Secrets()};
}

}  // namespace conntrail::api
