#pragma once

#include <vector>

#include "projections/fold/access.h"

// What counts for effective access, within this folder only.
namespace conntrail {

// Between accounts only the id counts.
inline Principal Normal(const Principal& principal) {
  return principal.is_account() ? Principal::User(principal.id) : principal;
}

// False for an account that is known and deactivated or removed.
inline bool IsActive(const Entity* entity) {
  const Account* account = entity == nullptr ? nullptr : std::get_if<Account>(entity);
  return account == nullptr || (account->active && !account->life.deleted);
}

// The grants that count on a connection; none if it is null or deleted.
struct GrantsInForce {
  std::vector<HeldGrant> held;
  bool by_default = false;

  static GrantsInForce Of(const Connection* connection, const OrgId& org) {
    if (connection == nullptr || connection->life.deleted) return {};
    return {EffectiveGrants(*connection, org), !connection->has_policy};
  }
};

}  // namespace conntrail
