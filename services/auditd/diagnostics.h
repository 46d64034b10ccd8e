#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace conntrail {

// Diagnostics of the server: one JSON object a line on standard error, with "time", "level" and
// "message" first. No secret and no body of a request is ever among them.
//
// Thread-safety: all functions may be called from any thread.
enum class Level { kInfo, kWarning, kError };

using Detail = std::pair<std::string_view, std::variant<std::string_view, int64_t>>;

void Tell(Level level, std::string_view message, std::initializer_list<Detail> details = {});

}  // namespace conntrail
