#pragma once

#include <string>
#include <string_view>

#include "tools/conntrail/answers/answers.h"

// What people write on a command line, as values. Each is kInvalidArgument with what would be
// right.
namespace conntrail {

// "connection:UUID", "group:UUID", …, or a principal: "user:UUID", "team:UUID".
Result<EntityKey> ParseSubject(std::string_view text);

// "user:UUID", "service_account:…", "team:…", "role:…", "org:…".
Result<Principal> ParsePrincipal(std::string_view text);

// Names of types with commas between them; "connection.*" stands for all that begin so. The bits
// are TrailFilter's.
Result<uint64_t> ParseTypes(std::string_view text);
Result<uint16_t> ParseVerdicts(std::string_view text);
Result<uint16_t> ParseMarks(std::string_view text);

// A connection by its id, or by its name if only one has it; one that is not deleted goes before
// those that are. kInvalidArgument lists the candidates, kNotFound says that there is none.
Result<ConnectionId> FindConnectionId(Answers& answers, const std::string& id_or_name,
                                      const Moment& at);

}  // namespace conntrail
