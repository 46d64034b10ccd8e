#pragma once

#include <rapidcheck.h>

#include "projections/fold/entity.h"
#include "projections/fold/org_state.h"

// Random state for property tests.
namespace conntrail {

// Of every kind, with members that the fold could have put there.
rc::Gen<Entity> AnyEntity();
rc::Gen<OrgState> AnyOrgState();

// One of each kind with every member set to something other than its default, always the same.
// Golden files are made of these: a later change here changes no file.
std::vector<Entity> SampleEntities();
OrgState SampleOrgState();

}  // namespace conntrail
