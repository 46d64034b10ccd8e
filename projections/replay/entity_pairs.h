#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "projections/replay/state_diff.h"

namespace conntrail {

// One entity as it stands on both sides; null: it does not exist there.
struct EntityPair {
  EntityKey key;
  const Entity* before = nullptr;
  const Entity* after = nullptr;
};

enum class Pairs {
  kDifferent,  // only those that may not be equal
  kAll,        // and those that are, as one side has them
};

// Calls `each` with the entities of a kind that either side has, in order of key, until it returns
// false.
Status ForEachPair(const DiffQuestion& question, EntityKind kind, Pairs which,
                   const std::function<Result<bool>(const EntityPair&)>& each);

// The versions of an entity that came after `span.after`, up to `span.to`, newest first, until
// `each` returns false. Then what it was at `span.after`, with no line; nullopt: nothing.
Status ForEachVersion(
    const DiffQuestion::Span& span, EntityKind kind, const Uuid& id,
    const std::function<bool(const TrailLine* line, std::optional<Entity> entity)>& each);

}  // namespace conntrail
