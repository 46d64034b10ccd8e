#pragma once

#include "services/api/fault.h"
#include "services/api/scim/document.h"

namespace conntrail::api::scim {

inline constexpr size_t kPatchOperationsMax = 256;

// Applies the operations of a PATCH (RFC 7644 section 3.5.2) to `resource`, in their order: add,
// replace and remove, with and without path. `request` is the body. Also takes what large directory
// services send beside the standard: operations in any case ("Add"), dotted names without a path
// ("name.givenName"), and `members` to remove as a value instead of a filter.
//
// A fault (invalidSyntax, invalidPath, invalidFilter, invalidValue, noTarget, mutability) tells the
// operation; `resource` is then worth nothing. What the resource must be like in the end is not
// looked at here.
Parsed<JsonValue> ApplyPatch(JsonValue resource, const JsonValue& request);

}  // namespace conntrail::api::scim
