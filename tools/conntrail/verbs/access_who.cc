#include "tools/conntrail/verbs/access_text.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string connection;
  std::string relation = "viewer";
  std::string as_of = "now";
};

void WriteAccess(JsonWriter& out, const AccountAccess& access) {
  out.BeginObject();
  out.Name("account");
  out.Text(access.account.ToString());
  out.Name("active");
  out.Bool(access.active);
  out.Name("paths");
  WritePaths(out, access.paths);
  out.Name("relation");
  out.Text(RelationName(access.relation));
  out.EndObject();
}

// One row for each path: all of an account's ways are on the list.
bool AddTo(Rows& rows, const AccountAccess& access) {
  if (rows.format() == Format::kJson || rows.format() == Format::kNdjson) {
    return rows.Add({nullptr, [&](JsonWriter& out) { WriteAccess(out, access); }});
  }
  bool is_read = true;
  for (const AccessPath& path : access.paths) {
    is_read =
        rows.Add({[&] {
                    return std::vector<Cell>{access.account.ToString(),
                                             {access.active ? "active" : "inactive",
                                              access.active ? Shade::kPlain : Shade::kWarning},
                                             std::string(RelationName(access.relation)),
                                             DescribePath(path)};
                  },
                  nullptr});
  }
  return is_read;
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment moment, Moment::Parse(options.as_of));
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionId id,
                             FindConnectionId(*answers, options.connection, moment));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<AccountAccess> accounts,
                             answers->Who(id, *ParseRelation(options.relation), moment));
  Rows rows = session.MakeRows("accounts", {{"account"}, {"state"}, {"relation"}, {"through"}});
  for (const AccountAccess& access : accounts) {
    if (!AddTo(rows, access)) return ExitCode::kOk;
  }
  rows.Finish();
  if (accounts.empty()) session.Note("nobody");
  return ExitCode::kOk;
}

}  // namespace

void AddAccessWho(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "who", "Who holds a relation on a connection, and through which grant",
              "  conntrail access who jira-prod\n"
              "  conntrail access who ID --relation resolver --as-of time:2026-05-01T12:00:00Z");
  auto options = std::make_shared<Options>();
  verb.add_option("connection", options->connection, "Its id, or its name if only it has that")
      ->type_name("ID|NAME")
      ->required();
  AddRelationOption(verb, options->relation);
  AddMomentOption(verb, options->as_of);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
