#include <map>

#include <fmt/format.h>

#include "projections/entity_json.h"
#include "projections/views/connection_view.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string name;
  std::string type;
  std::string tag;
  bool suspended = false;
  bool active = false;
  bool with_credential = false;
  bool without_credential = false;
  std::string granted;
  bool deleted = false;
  std::string sort = "name";
  std::string as_of = "now";
  size_t limit = 50;
  std::string cursor;
};

Result<ConnectionQuery> QueryOf(const Options& options) {
  static const std::map<std::string, ConnectionOrder> kOrders = {
      {"name", ConnectionOrder::kName},
      {"id", ConnectionOrder::kId},
      {"created", ConnectionOrder::kCreated},
      {"changed", ConnectionOrder::kChanged}};
  ConnectionQuery query;
  query.filter.name_contains = options.name;
  query.filter.integration_type = options.type;
  query.filter.tag = options.tag;
  if (options.suspended) query.filter.suspended = true;
  if (options.active) query.filter.suspended = false;
  if (options.with_credential) query.filter.has_credential = true;
  if (options.without_credential) query.filter.has_credential = false;
  if (!options.granted.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(query.filter.granted, ParsePrincipal(options.granted));
  }
  query.filter.with_deleted = options.deleted;
  query.order = kOrders.at(options.sort);
  CONNTRAIL_ASSIGN_OR_RETURN(query.at, Moment::Parse(options.as_of));
  query.limit = options.limit;
  query.cursor = options.cursor;
  return query;
}

std::vector<Cell> CellsOf(const Connection& connection) {
  return {
      connection.id.ToString(),
      std::string(connection.name()),
      TextOf(FindField(connection.fields, "integration.type")),
      {StateOf(connection), connection.suspended ? Shade::kWarning : Shade::kPlain},
      connection.credential.present ? fmt::format("v{}", connection.credential.version) : "none",
      connection.has_policy ? std::to_string(connection.grants.size()) : "default",
      std::to_string(connection.life.revision.value),
      FormatTime(connection.life.changed.time_ms)};
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionQuery query, QueryOf(options));
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionPage page, answers->Connections(query));
  Rows rows = session.MakeRows("connections", {{"id"},
                                               {"name", false, true},
                                               {"type", false, true},
                                               {"state"},
                                               {"credential"},
                                               {"grants", true},
                                               {"revision", true},
                                               {"changed"}});
  for (const Connection& connection : page.connections) {
    const bool is_read = rows.Add({[&] { return CellsOf(connection); },
                                   [&](JsonWriter& out) { WriteEntity(out, Entity(connection)); }});
    if (!is_read) return ExitCode::kOk;
  }
  rows.AddMember("total", std::to_string(page.total));
  if (!page.next_cursor.empty()) rows.AddMember("next_cursor", JsonText(page.next_cursor));
  rows.Finish();
  if (page.total == 0) session.Note("no connection matches");
  if (!page.next_cursor.empty()) {
    session.Note(fmt::format("{} of {} connections; to go on: --cursor {}", page.connections.size(),
                             page.total, page.next_cursor));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddConnectionsList(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "list", "The connections there are",
              "  conntrail connections list --type jira --with-credential\n"
              "  conntrail connections list --granted team:UUID --sort changed\n"
              "  conntrail connections list --as-of time:2026-05-01T00:00:00Z --output csv");
  auto options = std::make_shared<Options>();
  verb.add_option("--name", options->name, "Whose name contains this")->type_name("TEXT");
  verb.add_option("--type", options->type, "Of this type of integration")->type_name("TYPE");
  verb.add_option("--tag", options->tag, "With this tag")->type_name("TAG");
  CLI::Option* suspended = verb.add_flag("--suspended", options->suspended, "That are suspended");
  verb.add_flag("--active", options->active, "That are not suspended")->excludes(suspended);
  CLI::Option* with =
      verb.add_flag("--with-credential", options->with_credential, "That have a credential");
  verb.add_flag("--without-credential", options->without_credential, "That have none")
      ->excludes(with);
  verb.add_option("--granted", options->granted, "Whose policy names this principal")
      ->type_name("PRINCIPAL");
  verb.add_flag("--deleted", options->deleted, "Deleted ones too");
  verb.add_option("--sort", options->sort, "By what")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"name", "id", "created", "changed"}));
  AddMomentOption(verb, options->as_of);
  AddPageOptions(verb, options->limit, 1'000'000, &options->cursor);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
