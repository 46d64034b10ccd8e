#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace conntrail {

struct JsonSyntaxFault {
  size_t line = 1;    // from 1
  size_t column = 1;  // in bytes, from 1
  const char* what = "";
};

// The first place where `text` breaks the grammar of RFC 8259; nullopt if there is none. The parser
// in use (simdjson) is fast and tells no place; this is slow and asked only after it has refused.
std::optional<JsonSyntaxFault> FindJsonSyntaxFault(std::string_view text);

}  // namespace conntrail
