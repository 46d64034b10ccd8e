#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/base/json_writer.h"
#include "events/event.h"
#include "events/secret/fingerprint.h"
#include "projections/fold/entity.h"
#include "services/api/fault.h"

// Connections as documents of the API (JSON:API, type "action_connection"): pure functions between
// bodies, events and entities. Secrets become fingerprints here and go no further; no fault, no
// event and no answer repeats one.
namespace conntrail::api {

// What a new thing may need that cannot be made from its document.
struct NewIds {
  ConnectionId connection;
  std::string external_id;  // 32 hexadecimal digits in lower case, random
};

// The body of POST /api/v2/actions/connections.
Parsed<ConnectionCreated> ReadNewConnection(std::string_view body, const NewIds& ids,
                                            const Fingerprinter& fingerprinter);

// The body of PATCH on `current`, merged field by field: what is absent stays, "" for a known
// secret changes nothing, entries of lists merge by name and go with "deleted": true, tags are
// replaced, null takes an optional field away. Another type of credentials replaces all of the one
// before and must be complete. Changes hold only what was asked for, and no `before`.
Parsed<ConnectionEdited> ReadConnectionPatch(std::string_view body, const Connection& current,
                                             const NewIds& ids, const Fingerprinter& fingerprinter);

// What an answer says that is not part of the connection's own state.
struct ConnectionAddition {
  bool acting_user_can_resolve = false;
  std::optional<UnixMs> last_used_at_ms;
};

// Writes the resource, {"type":…,"id":…,"attributes":…,"relationships":…}: the contract's shape,
// each secret as "", and this project's additions beside it. Total: what came by import, with other
// fields, is written as integration "Custom" and under attributes.fields.
void WriteConnection(JsonWriter& out, const Connection& connection,
                     const ConnectionAddition& addition);

// The consent that a connection's credential rests on: the credential's own, else what its document
// says (credentials.consent_by).
std::optional<Consent> ConsentOf(const Connection& connection);

// "2026-07-13 13:25:37.4346 +0000 UTC": how Go prints a time.
std::string GoTime(UnixMs time_ms);

}  // namespace conntrail::api
