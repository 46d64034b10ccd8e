#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/api/fault.h"
#include "services/api/scim/filter.h"
#include "services/http/message.h"

// What a SCIM service says beside its resources (RFC 7644), as application/scim+json.
namespace conntrail::api::scim {

// An error (section 3.12). The fault's `title` is the scimType ("invalidFilter", "uniqueness"); of
// another title nothing is said.
http::Response ErrorResponse(const Fault& fault);

// What a list is asked for (section 3.4.2).
struct ListQuery {
  static constexpr size_t kCountMax = 1000;

  std::optional<Filter> filter;
  size_t start_index = 1;  // from 1
  size_t count = 100;
  std::vector<std::string> attributes;           // only these, if there are any
  std::vector<std::string> excluded_attributes;  // not these
};
// Reads filter, startIndex, count, attributes and excludedAttributes, as the RFC says: numbers that
// are too small or too large are taken as the nearest that are not. sortBy is passed over: the
// order is that of ids.
Parsed<ListQuery> ReadListQuery(const http::Request& request);

// One resource as it is asked for: `id`, `schemas` and `meta` are always there.
JsonValue Chosen(JsonValue resource, const ListQuery& query);

http::Response ResourceResponse(int status, const JsonValue& resource);

// One page of a list. `resources` are those from start_index on; `total` are all that match.
http::Response ListResponse(const std::vector<JsonValue>& resources, size_t total,
                            const ListQuery& query);

// Sections 5 to 7 of RFC 7643: all, or the one with that id; nullopt if there is none.
http::Response ServiceProviderConfig(std::string_view base_url);
http::Response ResourceTypes(std::string_view base_url);
http::Response Schemas(std::string_view base_url);
std::optional<http::Response> ResourceType(std::string_view base_url, std::string_view id);
std::optional<http::Response> Schema(std::string_view base_url, std::string_view id);

}  // namespace conntrail::api::scim
