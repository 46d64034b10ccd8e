#include "tools/conntrail/import/line_reading.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/model/field_json.h"
#include "events/secret/token_shapes.h"

namespace conntrail {
namespace {

constexpr std::string_view kMetadata = "metadata.";

// The list limit stands before the items are looked at one by one.
const std::vector<JsonValue>& ItemsUpTo(JsonReader& reader, const JsonValue& array, size_t max) {
  static const std::vector<JsonValue> none;
  const std::vector<JsonValue>& items = reader.Items(array);
  if (items.size() <= max) return items;
  reader.Fail(array, fmt::format("has more than {} items", max));
  return none;
}

std::string ReadText(JsonReader& reader, const JsonValue& value) {
  const std::string& text = reader.Text(value);
  if (text.size() <= kTextBytesMax) return text;
  reader.Fail(value, fmt::format("is longer than {} bytes", kTextBytesMax));
  return {};
}

// What a field of a connection may hold; kNull: there is no such field, kObject: anything.
JsonKind KindOfField(std::string_view path) {
  if (path == "name" || path == "integration.type" || path == "integration.base_url") {
    return JsonKind::kText;
  }
  if (path == "scopes" || path == "tags") return JsonKind::kArray;
  return path.starts_with(kMetadata) && path.size() > kMetadata.size() ? JsonKind::kObject
                                                                       : JsonKind::kNull;
}

// monostate for null. REQUIRES: KindOfField(path) != kNull.
FieldValue ReadField(JsonReader& reader, const JsonValue& value, std::string_view path) {
  if (value.kind == JsonKind::kNull) return {};
  switch (KindOfField(path)) {
    case JsonKind::kText:
      return ReadText(reader, value);
    case JsonKind::kArray:
      (void)reader.Items(value);
      break;
    default:
      break;
  }
  if (value.kind == JsonKind::kText) return ReadText(reader, value);
  if (value.kind == JsonKind::kArray) {
    for (const JsonValue& item : ItemsUpTo(reader, value, kListItemsMax)) ReadText(reader, item);
  }
  return reader.ok() ? ReadFieldValue(reader, value) : FieldValue();
}

void TakeField(JsonReader& reader, const JsonValue& value, const std::string& path,
               Fields& fields) {
  if (path.size() > kTextBytesMax) reader.Fail(value, "has too long a name");
  fields.push_back({path, ReadField(reader, value, path)});
}

void TakeObject(JsonReader& reader, const JsonValue& document, std::string_view name,
                Fields& fields) {
  const JsonValue* object = FindPresent(reader, document, name);
  if (object == nullptr) return;
  for (const JsonValue& member : reader.Members(*object)) {
    const std::string path = fmt::format("{}.{}", name, member.name);
    if (KindOfField(path) == JsonKind::kNull) return reader.Fail(member, "there is no such field");
    TakeField(reader, member, path, fields);
  }
}

void TakeHolders(JsonReader& reader, const JsonValue& document, std::string_view name,
                 Relation relation, std::vector<Grant>& grants) {
  const JsonValue* list = FindPresent(reader, document, name);
  if (list == nullptr) return;
  for (const JsonValue& item : ItemsUpTo(reader, *list, kPrincipalsMax)) {
    grants.push_back({relation, ReadPrincipal(reader, item)});
  }
}

bool OptionalBool(JsonReader& reader, const JsonValue& object, std::string_view name) {
  const JsonValue* value = FindPresent(reader, object, name);
  return value != nullptr && reader.Bool(*value);
}

}  // namespace

void RefuseSecrets(JsonReader& reader, const JsonValue& root) {
  const std::string_view shape = FindTokenShape(root.text);
  if (!shape.empty()) {
    reader.Fail(root, fmt::format("looks like {}; a secret must not enter the log", shape));
  }
  for (const JsonValue& item : root.items) {
    // The name itself must not be printed: the place is the object that has it.
    const std::string_view name_shape = FindTokenShape(item.name);
    if (!name_shape.empty()) {
      reader.Fail(root, fmt::format("the name of a member looks like {}; a secret must not "
                                    "enter the log",
                                    name_shape));
    }
    RefuseSecrets(reader, item);
  }
}

const JsonValue* FindPresent(JsonReader& reader, const JsonValue& object, std::string_view name) {
  const JsonValue* member = reader.Find(object, name);
  return member == nullptr || member->kind == JsonKind::kNull ? nullptr : member;
}

std::string OptionalText(JsonReader& reader, const JsonValue& object, std::string_view name) {
  const JsonValue* member = FindPresent(reader, object, name);
  return member == nullptr ? std::string() : ReadText(reader, *member);
}

std::string RequiredText(JsonReader& reader, const JsonValue& object, std::string_view name) {
  const JsonValue* member = reader.Require(object, name);
  if (member == nullptr) return {};
  std::string text = ReadText(reader, *member);
  if (text.empty()) reader.Fail(*member, "must not be empty");
  return text;
}

UnixMs RequiredTime(JsonReader& reader, const JsonValue& object, std::string_view name) {
  const JsonValue* member = reader.Require(object, name);
  if (member == nullptr) return 0;
  const std::optional<UnixMs> time_ms = ParseTime(reader.Text(*member));
  if (!time_ms) reader.Fail(*member, "must be a time, as in 2016-08-18T22:22:41.000Z");
  return time_ms.value_or(0);
}

uint64_t RequiredUint(JsonReader& reader, const JsonValue& object, std::string_view name,
                      uint64_t max) {
  const JsonValue* member = reader.Require(object, name);
  if (member == nullptr) return 0;
  const uint64_t number = reader.Uint(*member);
  if (number > max) reader.Fail(*member, "is too large");
  return number;
}

Uuid ReadId(JsonReader& reader, const JsonValue& value) {
  const std::optional<Uuid> id = Uuid::Parse(reader.Text(value));
  if (!id) reader.Fail(value, "must be a UUID in lower case");
  if (id && id->is_nil()) reader.Fail(value, "must not be the nil UUID");
  return id.value_or(Uuid());
}

Principal ReadAccount(JsonReader& reader, const JsonValue& value) {
  const Principal principal = ReadPrincipal(reader, value);
  if (!principal.is_account()) reader.Fail(value, "must be a user or a service account");
  return principal;
}

std::optional<Principal> OptionalAccount(JsonReader& reader, const JsonValue& object,
                                         std::string_view name) {
  const JsonValue* member = FindPresent(reader, object, name);
  if (member == nullptr) return std::nullopt;
  return ReadAccount(reader, *member);
}

std::vector<Principal> ReadAccounts(JsonReader& reader, const JsonValue& object,
                                    std::string_view name) {
  std::vector<Principal> accounts;
  const JsonValue* list = reader.Require(object, name);
  if (list == nullptr) return accounts;
  for (const JsonValue& item : ItemsUpTo(reader, *list, kPrincipalsMax)) {
    accounts.push_back(ReadAccount(reader, item));
  }
  return accounts;
}

std::vector<Grant> ReadGrants(JsonReader& reader, const JsonValue& object, std::string_view name) {
  std::vector<Grant> grants;
  const JsonValue* list = reader.Require(object, name);
  if (list == nullptr) return grants;
  for (const JsonValue& item : ItemsUpTo(reader, *list, kPrincipalsMax)) {
    grants.push_back(ReadGrant(reader, item));
  }
  return grants;
}

ConnectionDocument ReadDocument(JsonReader& reader, const JsonValue& document, bool with_grants) {
  ConnectionDocument read;
  (void)RequiredText(reader, document, "name");
  for (const char* name : {"name", "scopes", "tags"}) {
    if (const JsonValue* value = FindPresent(reader, document, name)) {
      TakeField(reader, *value, name, read.fields);
    }
  }
  TakeObject(reader, document, "integration", read.fields);
  TakeObject(reader, document, "metadata", read.fields);
  read.credential = OptionalBool(reader, document, "credential");
  if (OptionalBool(reader, document, "suspended")) {
    read.suspended = reader.Find(document, "suspended");
  }
  if (with_grants) {
    TakeHolders(reader, document, "viewers", Relation::kViewer, read.grants);
    TakeHolders(reader, document, "resolvers", Relation::kResolver, read.grants);
    TakeHolders(reader, document, "editors", Relation::kEditor, read.grants);
  }
  if (reader.ok()) reader.RefuseOthers(document);
  if (read.fields.size() > kFieldsMax) {
    reader.Fail(document, fmt::format("has more than {} fields", kFieldsMax));
  }
  NormalizeFields(read.fields);
  return read;
}

std::vector<FieldChange> ReadFieldChanges(JsonReader& reader, const JsonValue& object,
                                          std::string_view name) {
  std::vector<FieldChange> changes;
  const JsonValue* list = reader.Require(object, name);
  if (list == nullptr) return changes;
  for (const JsonValue& item : ItemsUpTo(reader, *list, kFieldsMax)) {
    FieldChange change;
    change.path = RequiredText(reader, item, "path");
    if (!reader.ok()) break;
    const JsonValue& path = *reader.Find(item, "path");
    if (KindOfField(change.path) == JsonKind::kNull) {
      reader.Fail(path, "there is no such field of a connection");
      break;
    }
    const bool twice = std::any_of(changes.begin(), changes.end(), [&](const FieldChange& earlier) {
      return earlier.path == change.path;
    });
    if (twice) reader.Fail(path, "stands twice");
    const JsonValue* before = reader.Require(item, "before");
    if (before != nullptr) change.before = ReadField(reader, *before, change.path);
    const JsonValue* after = reader.Require(item, "after");
    if (after != nullptr) change.after = ReadField(reader, *after, change.path);
    if (reader.ok()) reader.RefuseOthers(item);
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace conntrail
