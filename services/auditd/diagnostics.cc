#include "services/auditd/diagnostics.h"

#include <cstdio>

#include "events/base/clock.h"
#include "events/base/json_writer.h"

namespace conntrail {
namespace {

std::string_view NameOf(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void Tell(Level level, std::string_view message, std::initializer_list<Detail> details) {
  JsonWriter out;
  out.BeginObject();
  out.Name("time");
  out.Text(FormatTime(Clock::System().Now()));
  out.Name("level");
  out.Text(NameOf(level));
  out.Name("message");
  out.Text(message);
  for (const auto& [name, value] : details) {
    out.Name(name);
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      out.Text(*text);
    } else {
      out.Int(std::get<int64_t>(value));
    }
  }
  out.EndObject();
  out.EndLine();
  const std::string line = out.Take();
  std::fwrite(line.data(), 1, line.size(), stderr);  // one call: lines do not mix
}

}  // namespace conntrail
