#pragma once

#include "events/base/json_reader.h"
#include "tools/conntrail/answers/answers.h"

// From the JSON of a server's answers to values: the opposite of projections/entity_json.h and of
// the documents in services/api. Faults are the reader's.
namespace conntrail {

Connection ReadConnection(JsonReader& reader, const JsonValue& in);
Use ReadUse(JsonReader& reader, const JsonValue& in);
Place ReadPlace(JsonReader& reader, const JsonValue& in);
UnixMs ReadTime(JsonReader& reader, const JsonValue& in);
Uuid ReadUuid(JsonReader& reader, const JsonValue& in);
// Its "marks", if there are any.
uint16_t ReadMarks(JsonReader& reader, const JsonValue& in);

// A record of the trail with what came along.
TrailItem ReadTrailItem(JsonReader& reader, const JsonValue& in);
// The attributes of an entry of a connection's history.
HistoryEntry ReadHistoryEntry(JsonReader& reader, const JsonValue& in, const Uuid& connection);

// The resource with these attributes: its id is `id`.
AccountAccess ReadAccountAccess(JsonReader& reader, const JsonValue& in, const JsonValue& id);
ConnectionAccess ReadConnectionAccess(JsonReader& reader, const JsonValue& in, const JsonValue& id);
OrgCounts ReadCounts(JsonReader& reader, const JsonValue& in);
Producer ReadProducer(JsonReader& reader, const JsonValue& in, const JsonValue& id);

}  // namespace conntrail
