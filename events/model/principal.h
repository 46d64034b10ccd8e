#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/uuid.h"

namespace conntrail {

// Stored; never renumber.
enum class PrincipalKind : uint8_t {
  kNone = 0,
  kUser = 1,
  kServiceAccount = 2,
  kTeam = 3,
  kRole = 4,
  kOrg = 5,
};
inline constexpr uint8_t kPrincipalKindMax = 5;

// Whoever may hold a relation on a connection, or act. Written "user:<uuid>".
struct Principal {
  PrincipalKind kind = PrincipalKind::kNone;
  Uuid id;

  constexpr auto operator<=>(const Principal&) const = default;

  // A user or a service account: somebody who can act.
  constexpr bool is_account() const {
    return kind == PrincipalKind::kUser || kind == PrincipalKind::kServiceAccount;
  }
  // A team or a role: somebody who has members.
  constexpr bool is_group() const {
    return kind == PrincipalKind::kTeam || kind == PrincipalKind::kRole;
  }

  // "user:…", "service_account:…", "team:…", "role:…", "org:…"; "" for kNone.
  std::string ToString() const;
  static std::optional<Principal> Parse(std::string_view text);

  static Principal User(const Uuid& id) { return {PrincipalKind::kUser, id}; }
  static Principal ServiceAccount(const Uuid& id) { return {PrincipalKind::kServiceAccount, id}; }
  static Principal Team(const Uuid& id) { return {PrincipalKind::kTeam, id}; }
  static Principal Role(const Uuid& id) { return {PrincipalKind::kRole, id}; }
  static Principal Org(const OrgId& id) { return {PrincipalKind::kOrg, id.uuid}; }
};

// True if both name the same account: a policy's `user:` also takes service accounts, so between
// accounts only the id counts.
constexpr bool SamePrincipal(const Principal& a, const Principal& b) {
  return a.id == b.id && (a.kind == b.kind || (a.is_account() && b.is_account()));
}

std::string_view PrincipalKindName(PrincipalKind kind);

}  // namespace conntrail

template <>
struct std::hash<conntrail::Principal> {
  size_t operator()(const conntrail::Principal& p) const noexcept {
    return std::hash<conntrail::Uuid>()(p.id) + static_cast<size_t>(p.kind);
  }
};
