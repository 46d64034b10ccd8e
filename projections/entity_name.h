#pragma once

#include <string>

#include "projections/fold/entity.h"

namespace conntrail {

// What people call it; "" for kinds without a name.
std::string NameOfEntity(const Entity& entity);

}  // namespace conntrail
