#include "tools/conntrail/output/display_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "events/base/bytes.h"

namespace conntrail {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// The scripts and marks that occur in names; not all of Unicode.
constexpr auto kZeroWidth = std::to_array<Range>({{0x300, 0x36F},
                                                  {0x483, 0x489},
                                                  {0x591, 0x5BD},
                                                  {0x610, 0x61A},
                                                  {0x64B, 0x65F},
                                                  {0x200B, 0x200D},
                                                  {0x20D0, 0x20FF},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFE20, 0xFE2F}});
constexpr auto kWide = std::to_array<Range>({{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0x33FF},
                                             {0x3400, 0x4DBF},
                                             {0x4E00, 0x9FFF},
                                             {0xA000, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF00, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x1F300, 0x1F64F},
                                             {0x1F680, 0x1F6FF},
                                             {0x1F900, 0x1F9FF},
                                             {0x20000, 0x3FFFD}});
// C1 controls, marks of direction, line separators, and invisible tags.
constexpr auto kActedOn = std::to_array<Range>({{0x7F, 0x9F},
                                                {0x61C, 0x61C},
                                                {0x200E, 0x200F},
                                                {0x2028, 0x202E},
                                                {0x2066, 0x2069},
                                                {0xFEFF, 0xFEFF},
                                                {0xE0000, 0xE007F}});

template <size_t n>
bool IsIn(const std::array<Range, n>& ranges, uint32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& r) { return r.first <= point && point <= r.last; });
}

struct Character {
  uint32_t point = 0;
  size_t bytes = 0;
};

// The first character. REQUIRES: `text` is not empty and begins with well-formed UTF-8.
Character FirstCharacter(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint32_t point = lead & (0xFFu >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) point = point << 6 | (byte(i) & 0x3Fu);
  return {point, bytes};
}

size_t WidthOf(uint32_t point) {
  if (IsIn(kZeroWidth, point)) return 0;
  return IsIn(kWide, point) ? 2 : 1;
}

void AppendEscaped(std::string& out, std::string_view valid) {
  while (!valid.empty()) {
    const Character c = FirstCharacter(valid);
    if (c.point == '\n') {
      out += "\\n";
    } else if (c.point == '\t') {
      out += "\\t";
    } else if (c.point == '\r') {
      out += "\\r";
    } else if (c.point < 0x20 || c.point == 0x7F) {
      out += fmt::format("\\x{:02x}", c.point);
    } else if (IsIn(kActedOn, c.point)) {
      out += fmt::format("\\u{{{:x}}}", c.point);
    } else {
      out += valid.substr(0, c.bytes);
    }
    valid.remove_prefix(c.bytes);
  }
}

}  // namespace

std::string EscapeForTerminal(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t valid = Utf8PrefixBytes(text);
    AppendEscaped(out, text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    out += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[0]));
    text.remove_prefix(1);
  }
  return out;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character c = FirstCharacter(text);
    width += WidthOf(c.point);
    text.remove_prefix(std::min(c.bytes, text.size()));
  }
  return width;
}

std::string CutToWidth(std::string_view text, size_t width_max) {
  if (DisplayWidth(text) <= width_max) return std::string(text);
  if (width_max == 0) return "";
  size_t width = 0;
  size_t end = 0;
  while (end < text.size()) {
    const Character c = FirstCharacter(text.substr(end));
    if (width + WidthOf(c.point) > width_max - 1) break;
    width += WidthOf(c.point);
    end += c.bytes;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace conntrail
