#pragma once

#include <string>

#include "events/base/json_writer.h"
#include "projections/fold/entity.h"
#include "projections/store/trail_row.h"

namespace conntrail {

// The canonical JSON form of state, with sorted members: what answers print, and what digests are
// made of. Absent facts are left out.
void WriteEntity(JsonWriter& out, const Entity& entity);
std::string EntityToJson(const Entity& entity);

// {"actor":…,"index":…,"outcome":…,"time":…,"type":…}
void WriteTrailLine(JsonWriter& out, const TrailLine& line);

}  // namespace conntrail
