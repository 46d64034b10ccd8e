#include "tools/conntrail/verbs/access_text.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string principal;
  std::string relation = "viewer";
  std::string as_of = "now";
};

void WriteAccess(JsonWriter& out, const ConnectionAccess& access) {
  out.BeginObject();
  out.Name("connection");
  out.Text(access.connection.ToString());
  out.Name("name");
  out.Text(access.name);
  out.Name("paths");
  WritePaths(out, access.paths);
  out.Name("relation");
  out.Text(RelationName(access.relation));
  out.Name("suspended");
  out.Bool(access.suspended);
  out.EndObject();
}

bool AddTo(Rows& rows, const ConnectionAccess& access) {
  if (rows.format() == Format::kJson || rows.format() == Format::kNdjson) {
    return rows.Add({nullptr, [&](JsonWriter& out) { WriteAccess(out, access); }});
  }
  bool is_read = true;
  for (const AccessPath& path : access.paths) {
    is_read =
        rows.Add({[&] {
                    return std::vector<Cell>{access.connection.ToString(),
                                             access.name,
                                             {access.suspended ? "suspended" : "active",
                                              access.suspended ? Shade::kWarning : Shade::kPlain},
                                             std::string(RelationName(access.relation)),
                                             DescribePath(path)};
                  },
                  nullptr});
  }
  return is_read;
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment moment, Moment::Parse(options.as_of));
  CONNTRAIL_ASSIGN_OR_RETURN(const Principal principal, ParsePrincipal(options.principal));
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<ConnectionAccess> connections,
                             answers->What(principal, *ParseRelation(options.relation), moment));
  Rows rows = session.MakeRows(
      "connections", {{"connection"}, {"name", false, true}, {"state"}, {"relation"}, {"through"}});
  for (const ConnectionAccess& access : connections) {
    if (!AddTo(rows, access)) return ExitCode::kOk;
  }
  rows.Finish();
  if (connections.empty()) session.Note("no connection");
  return ExitCode::kOk;
}

}  // namespace

void AddAccessWhat(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(group, "what", "What a principal can reach, and through which grant",
                           "  conntrail access what user:UUID\n"
                           "  conntrail access what team:UUID --relation editor --output json");
  auto options = std::make_shared<Options>();
  verb.add_option("principal", options->principal, "user:UUID, service_account:UUID, team:UUID, …")
      ->type_name("PRINCIPAL")
      ->required();
  AddRelationOption(verb, options->relation);
  AddMomentOption(verb, options->as_of);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
