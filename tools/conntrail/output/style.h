#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace conntrail {

enum class Format { kTable, kJson, kNdjson, kCsv };
enum class ColorChoice { kAuto, kAlways, kNever };

// What a cell's text says beside its words; shown as a colour where colours are.
enum class Shade { kPlain, kHeading, kGood, kBad, kWarning, kFaint };

// How answers are to look.
struct Style {
  Format format = Format::kTable;
  bool colors = false;
  size_t width_max = 0;  // columns of the terminal; 0: no terminal, nothing is cut
};

// "auto" gives colours to a terminal, if neither NO_COLOR is set nor TERM is dumb. COLUMNS, where
// it is set, overrides a terminal's own width.
Style StyleFor(int fd, Format format, ColorChoice color);

bool IsTerminal(int fd);

// `text` in the colour of `shade`, or as it is.
std::string Shaded(const Style& style, Shade shade, std::string_view text);

}  // namespace conntrail
