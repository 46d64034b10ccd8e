#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace conntrail {

// The number that all of `text` is, in decimal: digits, with a "-" before them if `Number` has
// negative values, and for floating point as std::from_chars reads it, but finite. nullopt if it is
// none, or one that `Number` cannot hold.
template <typename Number>
  requires std::integral<Number> || std::floating_point<Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(number)) return std::nullopt;
  }
  return number;
}

}  // namespace conntrail
