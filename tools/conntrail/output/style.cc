#include "tools/conntrail/output/style.h"

#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace conntrail {
namespace {

constexpr size_t kWidthDefault = 80;

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool WantsColors(int fd, ColorChoice color) {
  if (color != ColorChoice::kAuto) return color == ColorChoice::kAlways;
  return IsTerminal(fd) && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
}

size_t TerminalWidth(int fd) {
  const long columns = std::strtol(std::string(Environment("COLUMNS")).c_str(), nullptr, 10);
  if (columns > 0 && columns < 10'000) return static_cast<size_t>(columns);
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kWidthDefault;
}

std::string_view ColorOf(Shade shade) {
  switch (shade) {
    case Shade::kPlain:
      return "";
    case Shade::kHeading:
      return "\x1b[1m";
    case Shade::kGood:
      return "\x1b[32m";
    case Shade::kBad:
      return "\x1b[31m";
    case Shade::kWarning:
      return "\x1b[33m";
    case Shade::kFaint:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

bool IsTerminal(int fd) { return ::isatty(fd) == 1; }

Style StyleFor(int fd, Format format, ColorChoice color) {
  Style style;
  style.format = format;
  style.colors = format == Format::kTable && WantsColors(fd, color);
  style.width_max = IsTerminal(fd) ? TerminalWidth(fd) : 0;
  return style;
}

std::string Shaded(const Style& style, Shade shade, std::string_view text) {
  const std::string_view color = style.colors ? ColorOf(shade) : "";
  if (color.empty() || text.empty()) return std::string(text);
  return std::string(color) + std::string(text) + "\x1b[0m";
}

}  // namespace conntrail
