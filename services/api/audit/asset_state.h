#pragma once

#include "events/base/json_reader.h"
#include "projections/fold/entity.h"
#include "services/api/audit/tree.h"

namespace conntrail::api {

// The state of an entity as a document of nested objects: the same facts as its history compares
// (FlattenEntity), without the digests of keys. Where a name would be both a value and an object,
// and below eight levels, the rest of a path stands as one name with dots.
Tree StateTree(const Entity& entity);

// The same value as a tree; numbers with a fraction, which we never write, become null.
Tree TreeOf(const JsonValue& json);

// The name by which people know it; "" if it has none.
std::string NameOf(const Entity& entity);

}  // namespace conntrail::api
