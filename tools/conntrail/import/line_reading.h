#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/json_reader.h"
#include "events/event.h"

// Parts of a line, as values. A null stands for an absent member. Within this folder only.
namespace conntrail {

// Refuses the first text or member name below `root` that has the shape of a secret.
void RefuseSecrets(JsonReader& reader, const JsonValue& root);

// The member, unless it is absent or null.
const JsonValue* FindPresent(JsonReader& reader, const JsonValue& object, std::string_view name);

// Of a member that may be absent; "" then. At most kTextBytesMax bytes.
std::string OptionalText(JsonReader& reader, const JsonValue& object, std::string_view name);
std::string RequiredText(JsonReader& reader, const JsonValue& object, std::string_view name);
UnixMs RequiredTime(JsonReader& reader, const JsonValue& object, std::string_view name);
uint64_t RequiredUint(JsonReader& reader, const JsonValue& object, std::string_view name,
                      uint64_t max);
Uuid ReadId(JsonReader& reader, const JsonValue& value);
// A user or a service account.
Principal ReadAccount(JsonReader& reader, const JsonValue& value);
std::optional<Principal> OptionalAccount(JsonReader& reader, const JsonValue& object,
                                         std::string_view name);
std::vector<Principal> ReadAccounts(JsonReader& reader, const JsonValue& object,
                                    std::string_view name);
std::vector<Grant> ReadGrants(JsonReader& reader, const JsonValue& object, std::string_view name);

// A connection as a document: name, integration, scopes, tags, metadata, credential, suspended, and
// for its last state also viewers, resolvers and editors.
struct ConnectionDocument {
  Fields fields;
  std::vector<Grant> grants;
  bool credential = false;
  const JsonValue* suspended = nullptr;  // where it says so
};
ConnectionDocument ReadDocument(JsonReader& reader, const JsonValue& document, bool with_grants);

// [{path, before, after}] of fields that a connection has.
std::vector<FieldChange> ReadFieldChanges(JsonReader& reader, const JsonValue& object,
                                          std::string_view name);

}  // namespace conntrail
