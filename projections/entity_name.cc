#include "projections/entity_name.h"

namespace conntrail {

std::string NameOfEntity(const Entity& entity) {
  if (const auto* connection = std::get_if<Connection>(&entity)) {
    return std::string(connection->name());
  }
  if (const auto* group = std::get_if<Group>(&entity)) return group->name;
  if (const auto* workflow = std::get_if<Workflow>(&entity)) return workflow->name;
  if (const auto* given = std::get_if<AccessKey>(&entity)) return given->name;
  return "";
}

}  // namespace conntrail
