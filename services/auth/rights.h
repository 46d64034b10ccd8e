#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conntrail {

// "connections_read, operator": the names of these bits of right::.
std::string RightNames(uint64_t rights);

// The bit of that name.
std::optional<uint64_t> ParseRight(std::string_view name);

}  // namespace conntrail
