#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "events/model/principal.h"

namespace conntrail {

// What a principal may do with a connection; each includes the ones before it. viewer: see it;
// resolver: use it in a step; editor: change it and its policy. Stored; never renumber.
enum class Relation : uint8_t { kNone = 0, kViewer = 1, kResolver = 2, kEditor = 3 };
inline constexpr uint8_t kRelationMax = 3;

std::string_view RelationName(Relation relation);
std::optional<Relation> ParseRelation(std::string_view name);

// One permission: `principal` holds `relation`.
struct Grant {
  Relation relation = Relation::kNone;
  Principal principal;

  constexpr auto operator<=>(const Grant&) const = default;
};

}  // namespace conntrail
