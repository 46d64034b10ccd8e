#include <fmt/format.h>

#include "tools/conntrail/verbs/rules_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  Rows rows = session.MakeRows("versions", {{"version", true}, {"in_force"}, {"since"}, {"what"}});
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<RulesInForce> in_force, RulesOf(*directory));
  for (uint32_t version = 1; version <= kRulesVersionMax.value; ++version) {
    const std::string where = WhereInForce(in_force, RulesVersion(version));
    const std::string since = SinceWhen(in_force, RulesVersion(version));
    const std::string_view what = DescribeRules(RulesVersion(version));
    rows.Add(
        {[&]() -> std::vector<Cell> {
           return {std::to_string(version), Cell(where, Shade::kGood), since, std::string(what)};
         },
         [&](JsonWriter& out) {
           out.BeginObject();
           out.Name("in_force");
           out.BeginArray();
           for (const RulesInForce& one : in_force) {
             if (one.version.value == version) out.Uint(one.partition.value);
           }
           out.EndArray();
           if (!since.empty()) {
             out.Name("since");
             out.Text(since);
           }
           out.Name("version");
           out.Uint(version);
           out.Name("what");
           out.Text(what);
           out.EndObject();
         }});
  }
  rows.Finish();
  return ExitCode::kOk;
}

}  // namespace

void AddRulesShow(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "show", "The versions that this build knows, and in which partitions each is in force",
      "  conntrail rules show --data DIR\n"
      "  conntrail rules show --data DIR --output json");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
