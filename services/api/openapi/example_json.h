#pragma once

#include <string>
#include <string_view>

#include "services/api/openapi/schema_table.h"

namespace conntrail::api {

// A value of a schema's shape, as JSON, to show: constants, examples and first choices where the
// schema has them, else a word that tells the type.
std::string ExampleOf(const SchemaMap& schemas, std::string_view schema_json);

// `json` with a line for each member and item, two spaces a level.
std::string Indented(std::string_view json);

}  // namespace conntrail::api
