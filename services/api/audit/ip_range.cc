#include "services/api/audit/ip_range.h"

#include <algorithm>
#include <string>

#include <arpa/inet.h>

#include "events/base/number.h"

namespace conntrail::api {
namespace {

constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.empty() || text.size() > 45) return std::nullopt;
  const std::string whole(text);
  IpAddress address;
  if (inet_pton(AF_INET, whole.c_str(), address.bytes.data()) == 1) {
    address.is_v4 = true;
    return address;
  }
  if (inet_pton(AF_INET6, whole.c_str(), address.bytes.data()) != 1) return std::nullopt;
  if (std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin())) {
    address.is_v4 = true;
    std::copy_n(address.bytes.begin() + 12, 4, address.bytes.begin());
    std::fill(address.bytes.begin() + 4, address.bytes.end(), uint8_t{0});
  }
  return address;
}

std::optional<IpRange> IpRange::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> base = IpAddress::Parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const int bits_max = base->is_v4 ? 32 : 128;
  IpRange range{*base, bits_max};
  if (slash == std::string_view::npos) return range;
  const auto bits = ParseNumber<int>(text.substr(slash + 1));
  // "::ffff:10.0.0.0/104" is meant as version 6 wrote it.
  const bool is_mapped = base->is_v4 && text.substr(0, slash).find(':') != std::string_view::npos;
  if (!bits || *bits < 0) return std::nullopt;
  range.bits = is_mapped ? *bits - 96 : *bits;
  if (range.bits < 0 || range.bits > bits_max) return std::nullopt;
  return range;
}

bool IpRange::Holds(const IpAddress& address) const {
  if (address.is_v4 != base.is_v4) return false;
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole, address.bytes.begin())) {
    return false;
  }
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF << (8 - bits % 8));
  return (base.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

}  // namespace conntrail::api
