#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace conntrail {

// 128 bits that identify something (RFC 9562). `hi` holds the first eight bytes, big-endian, so
// that the order of values is the order of the bytes and of the text.
struct Uuid {
  uint64_t hi = 0;
  uint64_t lo = 0;

  constexpr auto operator<=>(const Uuid&) const = default;
  constexpr bool is_nil() const { return hi == 0 && lo == 0; }

  // 36 characters, lower case.
  std::string ToString() const;

  // 8-4-4-4-12 hexadecimal digits, lower case only: one spelling for one id. Nothing else.
  static std::optional<Uuid> Parse(std::string_view text);

  // Version 5 (name-based, SHA-1), RFC 9562 section 5.5.
  static Uuid FromName(const Uuid& name_space, std::string_view name);

  // Version 7 (time-ordered), RFC 9562 section 5.7: `unix_ms` in the first 48 bits, then 74 of
  // `random`'s.
  static Uuid FromTime(int64_t unix_ms, const Uuid& random);

  // Version 7 from this moment and the system's random source. Only for the doors of the system
  // (gateways, tools), never for the fold.
  static Uuid NewTimeOrdered(int64_t unix_ms);
};

// An id whose type tells of what.
template <typename Tag>
struct UuidId {
  Uuid uuid;

  constexpr auto operator<=>(const UuidId&) const = default;
  std::string ToString() const { return uuid.ToString(); }
};

using EventId = UuidId<struct EventIdTag>;
using OrgId = UuidId<struct OrgIdTag>;
using ConnectionId = UuidId<struct ConnectionIdTag>;
using WorkflowId = UuidId<struct WorkflowIdTag>;
using KeyId = UuidId<struct KeyIdTag>;

}  // namespace conntrail

template <>
struct std::hash<conntrail::Uuid> {
  using is_avalanching = void;  // all its bits depend on all bits of the id (boost::unordered)
  // Multiply and fold (as wyhash does): also ids that differ in few bits spread over the whole
  // word.
  size_t operator()(const conntrail::Uuid& id) const noexcept {
    const auto product =
        static_cast<unsigned __int128>(id.hi ^ 0x9E3779B97F4A7C15u) * (id.lo ^ 0xD6E8FEB86659FD93u);
    return static_cast<size_t>(product) ^ static_cast<size_t>(product >> 64);
  }
};
template <typename Tag>
struct std::hash<conntrail::UuidId<Tag>> {
  size_t operator()(const conntrail::UuidId<Tag>& id) const noexcept {
    return std::hash<conntrail::Uuid>()(id.uuid);
  }
};
