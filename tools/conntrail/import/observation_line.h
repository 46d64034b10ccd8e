#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/event.h"

namespace conntrail {

// What all lines of one file have in common.
struct ImportSource {
  OrgId org;
  std::string producer;  // "import:<name>"; of uses "import:<name>/uses"
};

// Reads one line of an observation file (README.md describes the format) as an event: an
// observation with the rights to backfill, of interface `import`, whose producer sequence is the
// line's `seq`. The same line always gives the same event, its id included.
//
// kInvalidArgument: the line breaks a rule; the message begins with the member at fault
// ("after.scopes[2]: must be a text"). A line with anything that looks like a secret is refused,
// and the message does not repeat it.
Result<Event> ReadObservationLine(std::string_view line, const ImportSource& source);

// The same for a line of a uses file. Such lines have no number of their own: `number`, from 1, is
// the line's in its file.
Result<Event> ReadUseLine(std::string_view line, uint64_t number, const ImportSource& source);

}  // namespace conntrail
