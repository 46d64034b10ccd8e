#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "services/api/service.h"

namespace conntrail::api {

// What the OpenAPI document and the reference page say of an operation beyond its Endpoint.
namespace trait {
inline constexpr unsigned kWrites = 1u << 0;     // appends an event: 409, 412, 413, 504
inline constexpr unsigned kRecords = 1u << 1;    // a read that is itself recorded: 504
inline constexpr unsigned kEtag = 1u << 2;       // the answer has the revision as its ETag
inline constexpr unsigned kIndex = 1u << 3;      // the answer has X-Conntrail-Index
inline constexpr unsigned kMissing = 1u << 4;    // 404: there is none of that id
inline constexpr unsigned kAnyKey = 1u << 5;     // an API key alone is enough
inline constexpr unsigned kOptional = 1u << 6;   // the body may be left out
inline constexpr unsigned kMayBeGone = 1u << 7;  // 204 if it has gone meanwhile
}  // namespace trait

struct OperationShape {
  std::string_view name;             // Endpoint::name
  std::string_view group;            // a name of OperationGroups()
  std::string_view description;      // more than the summary; "" if that says it all
  std::string_view parameters = {};  // of query and headers: names of ParameterTable(), with spaces
  std::string_view request = {};     // name of a schema; "": no body
  int status = 200;                  // of success
  std::string_view answer = {};      // name of a schema; "": no body
  unsigned traits = 0;
  uint64_t decided = 0;  // rights that the decision takes; lacking them is recorded
  std::string_view request_media = "application/json";  // media types, with spaces
  std::string_view answer_media = {};                   // "": that of the endpoint's errors
  std::string_view example = {};  // a body to send, as JSON; "": made from the schema
};

// Sorted as a reader wants them. Lives for ever.
std::span<const OperationShape> OperationTable();
// Null if there is none.
const OperationShape* FindOperation(std::string_view name);

struct OperationGroup {
  std::string_view name;
  std::string_view description;
};
std::span<const OperationGroup> OperationGroups();

// What answers without a key, for whoever operates the server.
struct PlainEndpoint {
  std::string_view path;
  std::string_view name;
  std::string_view summary;
  std::string_view media;
  bool may_be_unready = false;  // 503
};
std::span<const PlainEndpoint> PlainEndpoints();

// A parameter of a path, a query, or a header.
struct Parameter {
  std::string_view name;
  std::string_view in;  // "path", "query", "header"
  std::string_view description;
  std::string_view schema;  // JSON
};
std::span<const Parameter> ParameterTable();
// Null if there is none.
const Parameter* FindParameter(std::string_view name);

}  // namespace conntrail::api
