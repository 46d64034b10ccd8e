#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conntrail {

// Base 64 with the standard alphabet and padding (RFC 4648 section 4).
std::string ToBase64(std::string_view bytes);

// nullopt for what ToBase64 never writes: there is one spelling for one byte string. No line ends,
// no missing padding, and the bits that the last digit does not need are zero.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace conntrail
