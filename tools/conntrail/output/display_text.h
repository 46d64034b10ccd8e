#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text as a terminal shows it. Names come from whoever reported them: none of them may move the
// cursor, change colours or turn the direction of writing.
namespace conntrail {

// `text` with everything that a terminal would act on written out: "\n", "\x1b", "\u{202e}". Bytes
// that are no UTF-8 become "\xNN".
std::string EscapeForTerminal(std::string_view text);

// Columns that `text`, escaped before, takes: 0 for combining marks, 2 for wide characters.
size_t DisplayWidth(std::string_view text);

// `text` cut to `width_max` columns, its last one then "…".
std::string CutToWidth(std::string_view text, size_t width_max);

}  // namespace conntrail
