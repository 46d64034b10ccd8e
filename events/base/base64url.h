#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conntrail {

// Base 64 with the URL alphabet and without padding (RFC 4648 section 5).
std::string ToBase64Url(std::string_view bytes);

// nullopt for what ToBase64Url never writes: there is one spelling for one byte string.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace conntrail
