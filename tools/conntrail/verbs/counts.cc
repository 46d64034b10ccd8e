#include <utility>

#include "projections/views/counts_view.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string as_of = "now";
};

std::vector<std::pair<const char*, uint64_t>> TotalsOf(const OrgCounts& counts) {
  return {{"records", counts.records},
          {"connections", counts.connections},
          {"connections_deleted", counts.connections_deleted},
          {"connections_suspended", counts.connections_suspended},
          {"connections_without_policy", counts.connections_without_policy},
          {"grants", counts.grants},
          {"accounts", counts.accounts},
          {"groups", counts.groups}};
}

std::string ToJson(const OrgCounts& counts) {
  JsonWriter out;
  out.BeginObject();
  for (const auto& [name, value] : TotalsOf(counts)) {
    out.Name(name);
    out.Uint(value);
  }
  out.Name("by_type");
  out.BeginArray();
  for (const TypeCount& count : counts.by_type) {
    out.BeginObject();
    out.Name("count");
    out.Uint(count.count);
    out.Name("outcome");
    out.Text(VerdictName(static_cast<Verdict>(count.verdict)));
    out.Name("type");
    out.Text(EventTypeName(count.type));
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return out.Take();
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment moment, Moment::Parse(options.as_of));
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const OrgCounts counts, answers->Counts(moment));
  std::vector<std::vector<Cell>> lines;
  for (const auto& [name, value] : TotalsOf(counts)) lines.push_back({name, std::to_string(value)});
  for (const TypeCount& count : counts.by_type) {
    lines.push_back({std::string(EventTypeName(count.type)) + " " +
                         std::string(VerdictName(static_cast<Verdict>(count.verdict))),
                     std::to_string(count.count)});
  }
  WriteDocument(session.sink(), session.style(), lines, ToJson(counts));
  return ExitCode::kOk;
}

}  // namespace

void AddCounts(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "counts", "How many connections, grants, accounts and records",
                           "  conntrail counts --as-of time:2026-05-01T12:00:00Z --output json");
  auto options = std::make_shared<Options>();
  AddMomentOption(verb, options->as_of);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
