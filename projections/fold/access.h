#pragma once

#include <vector>

#include "projections/fold/fold.h"

namespace conntrail {

// The grants that count on `connection`: its policy's, or without a policy those that every new
// connection has: its creator is editor, the rest of the org viewer. Default grants hold since the
// creation.
std::vector<HeldGrant> EffectiveGrants(const Connection& connection, const OrgId& org);

// The highest relation that `account` holds on `connection`, directly, through a team or role of
// the working set, or through the org. Deleted groups have no members. Says nothing about whether
// the account is active.
Relation RelationOf(const WorkingSet& set, const Connection& connection, const Principal& account);

}  // namespace conntrail
