#pragma once

#include "events/base/json_reader.h"
#include "events/base/json_writer.h"
#include "events/event.h"

namespace conntrail {

// The JSON form of what events, rows and answers have in common.

// A text, true or false, an integer, an array of texts; null for an absent value.
void WriteFieldValue(JsonWriter& out, const FieldValue& value);
// {"name":"pager","scopes":["read","write"]}
void WriteFields(JsonWriter& out, const Fields& fields);
// [{"after":"pager","path":"name"}]; an absent side is left out.
void WriteChanges(JsonWriter& out, const std::vector<FieldChange>& changes);
// "user:<uuid>"
void WritePrincipal(JsonWriter& out, const Principal& principal);
void WritePrincipals(JsonWriter& out, const std::vector<Principal>& principals);
// {"principal":"user:<uuid>","relation":"viewer"}
void WriteGrant(JsonWriter& out, const Grant& grant);
void WriteGrants(JsonWriter& out, const std::vector<Grant>& grants);
// ["connections_read","operator"]
void WriteRights(JsonWriter& out, uint64_t rights);

// A JSON text by itself.
std::string FieldValueToJson(const FieldValue& value);
std::string FieldsToJson(const Fields& fields);

// The opposite; faults are the reader's. Lists come out as sets.
FieldValue ReadFieldValue(JsonReader& reader, const JsonValue& in);
Fields ReadFields(JsonReader& reader, const JsonValue& in);
std::vector<FieldChange> ReadChanges(JsonReader& reader, const JsonValue& in);
Principal ReadPrincipal(JsonReader& reader, const JsonValue& in);
Grant ReadGrant(JsonReader& reader, const JsonValue& in);
uint64_t ReadRights(JsonReader& reader, const JsonValue& in);

}  // namespace conntrail
