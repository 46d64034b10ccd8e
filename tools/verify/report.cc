#include "tools/verify/report.h"

#include <fmt/format.h>

#include "events/base/json_writer.h"

namespace conntrail::verify {

std::string ReportText(const Report& report) {
  std::string text;
  for (const Step& step : report.steps) {
    text += fmt::format("ok       {:<12} {}\n", step.name, step.found);
  }
  if (report.refused.ok()) return text + fmt::format("verified {}\n", report.path);
  return text + fmt::format("REFUSED  {}: {}\n", report.path, report.refused.message());
}

std::string ReportJson(const Report& report) {
  JsonWriter out;
  out.BeginObject();
  out.Name("path");
  out.Text(report.path);
  out.Name("verified");
  out.Bool(report.refused.ok());
  out.Name("steps");
  out.BeginArray();
  for (const Step& step : report.steps) {
    out.BeginObject();
    out.Name("name");
    out.Text(step.name);
    out.Name("found");
    out.Text(step.found);
    for (const auto& [name, count] : step.counts) {
      out.Name(name);
      out.Uint(count);
    }
    out.EndObject();
  }
  out.EndArray();
  out.Name("refused");
  if (report.refused.ok()) {
    out.Null();
  } else {
    out.Text(report.refused.message());
  }
  out.EndObject();
  out.EndLine();
  return out.Take();
}

}  // namespace conntrail::verify
