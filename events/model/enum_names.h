#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "events/event.h"

namespace conntrail {

// The names of an enum's values, by number: those of event.fbs. The first says that there is none
// and is never written.
template <typename E>
inline constexpr std::array<std::string_view, 0> kEnumNames{};

template <>
inline constexpr auto kEnumNames<Authority> =
    std::to_array<std::string_view>({"unspecified", "intent", "observation", "log"});
template <>
inline constexpr auto kEnumNames<ActorKind> =
    std::to_array<std::string_view>({"unspecified", "person", "service", "system"});
template <>
inline constexpr auto kEnumNames<Interface> = std::to_array<std::string_view>(
    {"unspecified", "ui", "api", "terraform", "cli", "import", "agent", "platform"});
template <>
inline constexpr auto kEnumNames<Relation> =
    std::to_array<std::string_view>({"none", "viewer", "resolver", "editor"});
template <>
inline constexpr auto kEnumNames<CredentialCause> = std::to_array<std::string_view>(
    {"unspecified", "asked", "consent", "refresh", "expiry", "revocation", "leak"});
template <>
inline constexpr auto kEnumNames<UseMode> =
    std::to_array<std::string_view>({"unspecified", "manual", "automatic"});
template <>
inline constexpr auto kEnumNames<AccountChange> = std::to_array<std::string_view>(
    {"unspecified", "added", "changed", "deactivated", "reactivated", "removed"});
template <>
inline constexpr auto kEnumNames<GroupChange> =
    std::to_array<std::string_view>({"unspecified", "created", "changed", "deleted"});
template <>
inline constexpr auto kEnumNames<RunAs> =
    std::to_array<std::string_view>({"unspecified", "owner", "initiator", "service_account"});
template <>
inline constexpr auto kEnumNames<ReviewVerdict> =
    std::to_array<std::string_view>({"unspecified", "keep", "revoke", "reduce"});
template <>
inline constexpr auto kEnumNames<KeyKind> =
    std::to_array<std::string_view>({"unspecified", "api", "application"});

static_assert(kEnumNames<Authority>.size() == kAuthorityMax + 1);
static_assert(kEnumNames<ActorKind>.size() == kActorKindMax + 1);
static_assert(kEnumNames<Interface>.size() == kInterfaceMax + 1);
static_assert(kEnumNames<Relation>.size() == kRelationMax + 1);
static_assert(kEnumNames<CredentialCause>.size() == kCredentialCauseMax + 1);
static_assert(kEnumNames<UseMode>.size() == kUseModeMax + 1);
static_assert(kEnumNames<AccountChange>.size() == kAccountChangeMax + 1);
static_assert(kEnumNames<GroupChange>.size() == kGroupChangeMax + 1);
static_assert(kEnumNames<RunAs>.size() == kRunAsMax + 1);
static_assert(kEnumNames<ReviewVerdict>.size() == kReviewVerdictMax + 1);
static_assert(kEnumNames<KeyKind>.size() == kKeyKindMax + 1);

// "unknown" for a number that has no name.
template <typename E>
std::string_view EnumName(E value) {
  const auto number = static_cast<size_t>(value);
  return number < kEnumNames<E>.size() ? kEnumNames<E>[number] : "unknown";
}

// nullopt also for the name of the first, which says that there is none.
template <typename E>
std::optional<E> ParseEnum(std::string_view name) {
  for (size_t number = 1; number < kEnumNames<E>.size(); ++number) {
    if (kEnumNames<E>[number] == name) return static_cast<E>(number);
  }
  return std::nullopt;
}

// By bit: kRightNames[3] is the name of 1 << 3.
inline constexpr auto kRightNames = std::to_array<std::string_view>(
    {"connections_read", "connections_write", "connections_resolve", "user_access_manage",
     "audit_logs_read", "event_intake", "operator", "backfill", "actions_api"});
static_assert((uint64_t{1} << kRightNames.size()) - 1 == right::kAll);

}  // namespace conntrail
