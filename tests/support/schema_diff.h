#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"

namespace conntrail {

// The binary form (.bfbs) of a FlatBuffers schema. What it includes is looked for in `directory`;
// if that is empty, it may include nothing.
Result<std::string> CompileSchema(std::string_view fbs, const std::string& directory = "");

// What in `current` breaks readers or data of `released`, a line each; empty if nothing does. Both
// are in binary form. Stricter than `flatc --conform`, which passes new `required`, grown structs,
// a missing last field or enum value, another file identifier or root, and renames.
std::vector<std::string> SchemaBreaks(std::string_view released, std::string_view current);

}  // namespace conntrail
