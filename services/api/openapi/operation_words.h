#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/api/openapi/operation_table.h"

// What both the OpenAPI document and the reference page say of an operation.
namespace conntrail::api {

// "a b" → "a", "b".
std::vector<std::string_view> Words(std::string_view text);

// "get".
std::string LowerMethod(http::Method method);
// The path as OpenAPI writes it, which knows no names of several segments: "{path}" for
// "{path...}".
std::string DocumentedPath(std::string_view path);

// Those of the path first, in its order, then those of the shape.
// REQUIRES: ParameterTable() has all of them.
std::vector<const Parameter*> ParametersOf(const Endpoint& endpoint, const OperationShape& shape);

// As it is sent: several parameters of the table may be sent under one name, "sort".
std::string_view SentNameOf(const Parameter& parameter);
// As it is called among the document's components: letters, digits, ".", "-" and "_".
std::string ComponentNameOf(const Parameter& parameter);

// The statuses of errors that it can answer, in order.
std::vector<int> ErrorsOf(const OperationShape& shape);
std::string_view StatusWords(int status);

// The names of rights.
std::vector<std::string> ScopesOf(uint64_t rights);

// The description, and what a key needs.
std::string DescriptionOf(const Endpoint& endpoint, const OperationShape& shape);

}  // namespace conntrail::api
