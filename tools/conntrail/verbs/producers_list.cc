#include <fmt/format.h>

#include "projections/entity_json.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

std::string MissingText(const Producer& producer) {
  std::string text;
  for (const auto& [low, high] : producer.gaps) {
    text += text.empty() ? "" : ", ";
    text += low == high ? std::to_string(low) : fmt::format("{}-{}", low, high);
  }
  return text;
}

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<Producer> producers, answers->Producers());
  Rows rows = session.MakeRows("producers", {{"name", false, true},
                                             {"watermark", true},
                                             {"missing", false, true},
                                             {"last_index", true},
                                             {"last_time"}});
  for (const Producer& producer : producers) {
    rows.Add({[&] {
                return std::vector<Cell>{
                    producer.name, std::to_string(producer.high), MissingText(producer),
                    std::to_string(producer.last.index.value), FormatTime(producer.last.time_ms)};
              },
              [&](JsonWriter& out) { WriteEntity(out, Entity(producer)); }});
  }
  rows.Finish();
  if (producers.empty()) session.Note("no producer yet");
  return ExitCode::kOk;
}

}  // namespace

void AddProducersList(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "list", "How far each has come, and which numbers are missing",
                           "  conntrail producers list --output json");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
