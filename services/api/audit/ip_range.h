#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace conntrail::api {

// An address of version 4 or 6. One of version 4 written in version 6 ("::ffff:10.0.0.1") is of 4.
struct IpAddress {
  bool is_v4 = false;
  std::array<uint8_t, 16> bytes{};  // the first four if is_v4

  static std::optional<IpAddress> Parse(std::string_view text);
};

// A network in CIDR notation: "10.0.0.0/8", "2001:db8::/32"; an address alone is all of its bits.
struct IpRange {
  IpAddress base;
  int bits = 0;

  static std::optional<IpRange> Parse(std::string_view text);
  bool Holds(const IpAddress& address) const;
};

}  // namespace conntrail::api
