#pragma once

#include <string>
#include <vector>

#include "events/base/json_writer.h"
#include "projections/views/access_view.h"
#include "tools/conntrail/command_line.h"

namespace conntrail {

// "granted to user:… since …", "through team Platform (team:…), a member since …".
std::string DescribePath(const AccessPath& path);

// [{"grant":{…},"granted_at":…,"joined_at":…,"group_name":…,"default":true}]
void WritePaths(JsonWriter& out, const std::vector<AccessPath>& paths);

// --relation
void AddRelationOption(CLI::App& verb, std::string& relation);

}  // namespace conntrail
