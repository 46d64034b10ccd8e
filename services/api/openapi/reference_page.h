#pragma once

#include <string>
#include <string_view>

namespace conntrail::api {

// The reference to read: one HTML page with all operations, without outside resources, made from
// the same tables as the OpenAPI document. All text is there without scripts; the script that it
// has filters the list of operations and opens what a link leads to.
std::string ReferencePage(std::string_view version);

// Its appearance and its script.
std::string_view ReferenceStyle();
std::string_view ReferenceScript();

}  // namespace conntrail::api
