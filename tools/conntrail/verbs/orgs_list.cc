#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

void WriteOrg(JsonWriter& out, const OrgSummary& org) {
  out.BeginObject();
  out.Name("id");
  out.Text(org.id.ToString());
  out.Name("last_time");
  out.Text(FormatTime(org.last_time_ms));
  out.Name("name");
  out.Text(org.name);
  out.Name("records");
  out.Uint(org.records);
  out.EndObject();
}

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgSummary> orgs, session.Orgs());
  Rows rows =
      session.MakeRows("orgs", {{"id"}, {"name", false, true}, {"records", true}, {"last_time"}});
  for (const OrgSummary& org : orgs) {
    rows.Add({[&] {
                return std::vector<Cell>{org.id.ToString(), org.name, std::to_string(org.records),
                                         FormatTime(org.last_time_ms)};
              },
              [&](JsonWriter& out) { WriteOrg(out, org); }});
  }
  rows.Finish();
  if (orgs.empty()) session.Note("no organisation yet");
  return ExitCode::kOk;
}

}  // namespace

void AddOrgsList(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "list", "Their names, ids and sizes", "  conntrail orgs list --output json");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
