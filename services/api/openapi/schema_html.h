#pragma once

#include <string>
#include <string_view>

namespace conntrail::api {

// `text` for HTML, between tags and in attributes.
std::string EscapeHtml(std::string_view text);

// A schema in words: its type, what is required, its rules, and the same of all that is in it.
// References are links to "#schema-<name>".
std::string SchemaHtml(std::string_view schema_json);

}  // namespace conntrail::api
