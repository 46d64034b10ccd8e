#include "events/model/relation.h"

namespace conntrail {

std::string_view RelationName(Relation relation) {
  switch (relation) {
    case Relation::kNone:
      return "none";
    case Relation::kViewer:
      return "viewer";
    case Relation::kResolver:
      return "resolver";
    case Relation::kEditor:
      return "editor";
  }
  return "none";
}

std::optional<Relation> ParseRelation(std::string_view name) {
  for (uint8_t value = 1; value <= kRelationMax; ++value) {
    if (RelationName(static_cast<Relation>(value)) == name) return static_cast<Relation>(value);
  }
  return std::nullopt;
}

}  // namespace conntrail
