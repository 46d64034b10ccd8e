#include "services/api/credential_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "services/api/text_rules.h"

namespace conntrail::api {
namespace {

std::string KnownMembers(std::span<const CatalogField> fields, std::string_view first) {
  std::string known(first);
  for (const CatalogField& field : fields) known += fmt::format(", {}", field.name);
  return known;
}

std::string TypePathOf(const std::string& entry_path) { return entry_path + ".type"; }

}  // namespace

void DocumentEdit::Take(SecretFingerprint secret) {
  const auto dropped = fields.find(secret.field);
  if (dropped != fields.end() && dropped->second.index() == 0) fields.erase(dropped);
  secrets[secret.field] = std::move(secret);
}

std::vector<FieldChange> DocumentEdit::Changes() const {
  std::vector<FieldChange> changes;
  changes.reserve(fields.size());
  for (const auto& [path, value] : fields) {
    changes.push_back({.path = path, .before = {}, .after = value});
    NormalizeValue(changes.back().after);
  }
  return changes;
}

std::vector<SecretFingerprint> DocumentEdit::Secrets() const {
  std::vector<SecretFingerprint> all;
  for (const auto& [path, secret] : secrets) all.push_back(secret);
  return all;
}

void DescribedReader::Read(const JsonValue& object, std::span<const CatalogField> fields,
                           std::string_view prefix, Mode mode, std::string_view external_id) {
  for (const CatalogField& field : fields) {
    const std::string path = std::string(prefix) + std::string(field.name);
    const JsonValue* value = reader_.Find(object, field.name);
    if (field.read_only) {
      if (value != nullptr) RequireReadOnlyAsItIs(*value, field, path, mode);
      if (mode.whole && field.constant.empty()) edit_.Set(path, std::string(external_id));
    } else if (value == nullptr) {
      if (mode.whole && field.required) reader_.Require(object, field.name);
    } else if (field.kind == CatalogFieldKind::kFlag) {
      if (!mode.patch) reader_.Fail(*value, "can only be asked for when a connection is edited");
      if (reader_.Bool(*value))
        edit_.Set(std::string(prefix) + "external_id", std::string(external_id));
    } else if (value->kind == JsonKind::kNull && mode.patch && !field.required) {
      DropMember(field, path);
    } else {
      ReadMember(*value, field, path, mode);
    }
  }
  RequireNeeded(object, fields, prefix);
  const bool is_integration = prefix == kIntegrationPrefix;
  reader_.RefuseOthers(object, KnownMembers(fields, is_integration ? "type, credentials" : "type"));
}

void DescribedReader::ReadMember(const JsonValue& value, const CatalogField& field,
                                 const std::string& path, Mode mode) {
  switch (field.kind) {
    case CatalogFieldKind::kSecret:
      return ReadSecret(value, field, path, HasSecret(path));
    case CatalogFieldKind::kInteger:
      return edit_.Set(path, reader_.Int(value, 0, field.integer_max));
    case CatalogFieldKind::kTexts:
      return ReadTexts(value, field, path);
    case CatalogFieldKind::kContent:
      return ReadContent(value, field, path);
    case CatalogFieldKind::kNamedTexts:
    case CatalogFieldKind::kNamedSecrets:
      return ReadEntries(value, field, path, mode);
    default:
      return edit_.Set(path, ReadDescribedText(reader_, value, field));
  }
}

// "" for a secret that is known is what was answered; sent back, it changes nothing.
void DescribedReader::ReadSecret(const JsonValue& value, const CatalogField& field,
                                 const std::string& path, bool known) {
  const std::string& secret = reader_.Text(value);
  if (secret.empty()) {
    if (!known) reader_.Fail(value, "must not be empty: there is no secret yet");
    return;
  }
  if (secret.size() > field.bytes_max) {
    return reader_.Fail(value, fmt::format("must not be longer than {} bytes", field.bytes_max));
  }
  edit_.Take(fingerprinter_.Fingerprint(path, secret));
}

void DescribedReader::ReadTexts(const JsonValue& value, const CatalogField& field,
                                const std::string& path) {
  TextList texts;
  for (const JsonValue& item : reader_.Items(value)) {
    texts.push_back(ReadDescribedText(reader_, item, field));
  }
  if (texts.size() > kListEntriesMax) {
    reader_.Fail(value, fmt::format("must not have more than {} items", kListEntriesMax));
  }
  if (texts.empty()) return edit_.Drop(path);
  edit_.Set(path, std::move(texts));
}

void DescribedReader::ReadContent(const JsonValue& value, const CatalogField& field,
                                  const std::string& path) {
  for (const std::string_view name : {"content", "content_type"}) {
    if (const JsonValue* part = reader_.Find(value, name)) {
      edit_.Set(fmt::format("{}.{}", path, name), ReadDescribedText(reader_, *part, field));
    }
  }
  reader_.RefuseOthers(value, "content, content_type");
}

// Deletions come first, wherever they stand; then each entry changes the one of its name, or is
// new.
void DescribedReader::ReadEntries(const JsonValue& list, const CatalogField& field,
                                  const std::string& path, Mode mode) {
  const std::string prefix = path + '.';
  std::vector<std::string> names = EntriesOf(base_.fields, path, field.kind);
  std::vector<std::pair<const JsonValue*, std::string>> given;
  for (const JsonValue& entry : reader_.Items(list)) {
    const std::string name = EntryName(entry, field);
    const JsonValue* deleted = mode.patch ? reader_.Find(entry, "deleted") : nullptr;
    if (deleted == nullptr || !reader_.Bool(*deleted)) {
      given.emplace_back(&entry, name);
      continue;
    }
    reader_.Find(entry, "value");
    reader_.RefuseOthers(entry, "name, type, value, deleted");
    std::erase(names, name);
    DropEntry(field, prefix + name);
  }
  std::vector<std::string_view> seen;
  for (const auto& [entry, name] : given) {
    if (!reader_.ok()) return;
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return reader_.Fail(*entry, "has the name of an entry before it");
    }
    seen.push_back(name);
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    ReadEntry(*entry, field, prefix + name, known);
    if (!known) names.push_back(name);
  }
  if (names.size() > kListEntriesMax) {
    reader_.Fail(list, fmt::format("must not have more than {} entries", kListEntriesMax));
  }
  const std::string order = OrderOf(names);
  if (!order.empty()) return edit_.Set(path, order);
  if (FindField(base_.fields, path) != nullptr) edit_.Drop(path);
}

std::string DescribedReader::EntryName(const JsonValue& entry, const CatalogField& field) {
  const JsonValue* name = reader_.Require(entry, "name");
  if (name == nullptr) return {};
  const std::string text = reader_.Line(*name, kEntryNameBytesMax, kEntryNameBytesMax);
  if (!field.pattern->matches(text)) {
    reader_.Fail(*name,
                 fmt::format("value does not match regex pattern {}", field.pattern->expression));
  }
  if (field.kind == CatalogFieldKind::kNamedSecrets) {
    const JsonValue* type = reader_.Require(entry, "type");
    if (type != nullptr && reader_.Text(*type) != kSecretType) {
      reader_.Fail(*type, "must be one of: SECRET");
    }
  }
  return text;
}

void DescribedReader::ReadEntry(const JsonValue& entry, const CatalogField& field,
                                const std::string& path, bool known) {
  const bool is_secret = field.is_secret();
  const JsonValue* value =
      known && !is_secret ? reader_.Find(entry, "value") : reader_.Require(entry, "value");
  reader_.RefuseOthers(entry, is_secret ? "name, type, value" : "name, value");
  if (value == nullptr) return;
  if (!is_secret) return edit_.Set(path, ReadDescribedText(reader_, *value, field));
  edit_.Set(TypePathOf(path), std::string(kSecretType));
  ReadSecret(*value, field, path, known);
}

void DescribedReader::DropMember(const CatalogField& field, const std::string& path) {
  if (field.is_named_list()) {
    for (const std::string& name : EntriesOf(base_.fields, path, field.kind)) {
      DropEntry(field, path + '.' + name);
    }
  } else if (field.kind == CatalogFieldKind::kContent) {
    edit_.Drop(path + ".content");
    return edit_.Drop(path + ".content_type");
  }
  edit_.Drop(path);
}

// Of a secret also the fingerprint, which stands at the entry's own path.
void DescribedReader::DropEntry(const CatalogField& field, const std::string& path) {
  edit_.Drop(path);
  if (field.is_secret()) edit_.Drop(TypePathOf(path));
}

// A client may send back what it was answered.
void DescribedReader::RequireReadOnlyAsItIs(const JsonValue& value, const CatalogField& field,
                                            const std::string& path, Mode mode) {
  const std::string_view current =
      field.constant.empty() ? TextAt(base_.fields, path) : field.constant;
  if (mode.patch && value.kind == JsonKind::kText && value.text == current) return;
  reader_.Fail(value, "is given by the server; leave it out");
}

void DescribedReader::RequireNeeded(const JsonValue& object, std::span<const CatalogField> fields,
                                    std::string_view prefix) {
  const std::string step = TextAfter(std::string(prefix) + "first_step");
  if (step.empty()) return;
  for (const CatalogField& field : fields) {
    if (field.needed_if != step) continue;
    if (WillHave(field, std::string(prefix) + std::string(field.name))) continue;
    reader_.Fail(object, fmt::format("member \"{}\" is missing; first_step \"{}\" needs it",
                                     field.name, step));
  }
}

// A credential that is there without a fingerprint has come from a source that tells none.
bool DescribedReader::HasSecret(std::string_view path) const {
  const auto& secrets = base_.credential.secrets;
  if (secrets.empty()) return base_.credential.present;
  return std::any_of(secrets.begin(), secrets.end(),
                     [&](const SecretFingerprint& secret) { return secret.field == path; });
}

bool DescribedReader::WillHave(const CatalogField& field, const std::string& path) const {
  if (field.kind == CatalogFieldKind::kNamedSecrets) {
    Fields after = base_.fields;
    for (const auto& [changed, value] : edit_.fields) SetField(after, changed, value);
    return !EntriesOf(after, path, field.kind).empty();
  }
  const auto change = edit_.fields.find(path);
  if (field.is_secret()) {
    if (edit_.secrets.contains(path)) return true;
    return change == edit_.fields.end() && HasSecret(path);
  }
  if (change != edit_.fields.end()) return change->second.index() != 0;
  return FindField(base_.fields, path) != nullptr;
}

std::string DescribedReader::TextAfter(const std::string& path) const {
  const auto change = edit_.fields.find(path);
  if (change == edit_.fields.end()) return std::string(TextAt(base_.fields, path));
  const std::string* text = std::get_if<std::string>(&change->second);
  return text == nullptr ? std::string() : *text;
}

}  // namespace conntrail::api
