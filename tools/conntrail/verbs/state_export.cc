#include <fmt/format.h>

#include "events/model/field_json.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  std::string as_of = "now";
};

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  out.Name(name);
  out.Text(value);
}

void WriteList(JsonWriter& out, std::string_view name, const FieldValue* value) {
  out.Name(name);
  out.BeginArray();
  const TextList* list = value == nullptr ? nullptr : std::get_if<TextList>(value);
  if (list != nullptr) {
    for (const std::string& item : *list) out.Text(item);
  }
  out.EndArray();
}

// [{"principals":[…],"relation":"editor"}], as restriction policies are written elsewhere. The
// grants are sorted by relation, then by principal.
void WriteBindings(JsonWriter& out, const std::vector<HeldGrant>& grants) {
  out.Name("bindings");
  out.BeginArray();
  for (size_t i = 0; i < grants.size();) {
    const Relation relation = grants[i].grant.relation;
    out.BeginObject();
    out.Name("principals");
    out.BeginArray();
    for (; i < grants.size() && grants[i].grant.relation == relation; ++i) {
      WritePrincipal(out, grants[i].grant.principal);
    }
    out.EndArray();
    WriteText(out, "relation", RelationName(relation));
    out.EndObject();
  }
  out.EndArray();
}

void WriteCredential(JsonWriter& out, const Credential& credential) {
  out.Name("credential");
  out.BeginObject();
  if (credential.expires_at_ms) {
    WriteText(out, "expires_at", FormatTime(*credential.expires_at_ms));
  }
  if (credential.issued) WriteText(out, "issued_at", FormatTime(credential.issued->time_ms));
  out.Name("present");
  out.Bool(credential.present);
  out.Name("version");
  out.Uint(credential.version);
  out.EndObject();
}

void WriteConnection(JsonWriter& out, const Connection& connection) {
  out.BeginObject();
  WriteBindings(out, connection.grants);
  WriteText(out, "changed_at", FormatTime(connection.life.changed.time_ms));
  WriteText(out, "created_at", FormatTime(connection.life.created.time_ms));
  if (connection.created_by) WriteText(out, "created_by", connection.created_by->ToString());
  WriteCredential(out, connection.credential);
  out.Name("fields");
  WriteFields(out, connection.fields);
  WriteText(out, "id", connection.id.ToString());
  WriteText(out, "integration", TextOf(FindField(connection.fields, "integration.type")));
  WriteText(out, "name", connection.name());
  out.Name("restricted");
  out.Bool(connection.has_policy);
  out.Name("revision");
  out.Uint(connection.life.revision.value);
  WriteList(out, "scopes", FindField(connection.fields, "scopes"));
  out.Name("suspended");
  out.Bool(connection.suspended);
  WriteList(out, "tags", FindField(connection.fields, "tags"));
  out.EndObject();
}

std::string GrantsText(const Connection& connection) {
  std::string text;
  for (const HeldGrant& held : connection.grants) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", RelationName(held.grant.relation),
                        held.grant.principal.ToString());
  }
  return text;
}

std::vector<Cell> CellsOf(const Connection& connection) {
  const Fields& fields = connection.fields;
  return {connection.id.ToString(),
          std::string(connection.name()),
          TextOf(FindField(fields, "integration.type")),
          StateOf(connection),
          std::to_string(connection.life.revision.value),
          connection.credential.present ? std::to_string(connection.credential.version) : "",
          TextOf(FindField(fields, "scopes")),
          TextOf(FindField(fields, "tags")),
          GrantsText(connection)};
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment moment, Moment::Parse(options.as_of));
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  Rows rows = session.MakeRows("connections", {{"id"},
                                               {"name", false, true},
                                               {"integration", false, true},
                                               {"state"},
                                               {"revision", true},
                                               {"credential_version", true},
                                               {"scopes", false, true},
                                               {"tags", false, true},
                                               {"grants", false, true}});
  CONNTRAIL_RETURN_IF_ERROR(answers->ForEachConnection(moment, [&](const Connection& connection) {
    const bool is_read = rows.Add({[&] { return CellsOf(connection); },
                                   [&](JsonWriter& out) { WriteConnection(out, connection); }});
    return is_read && SignalCaught() == 0;
  }));
  rows.Finish();
  return ExitCode::kOk;
}

}  // namespace

void AddStateExport(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "export", "Every connection as it was at a moment, in order of id",
              "  conntrail state export --output ndjson > now.ndjson\n"
              "  conntrail state export --as-of time:2026-05-01T12:00:00Z --output json\n"
              "  conntrail state export --as-of seq:2252 --output ndjson");
  auto options = std::make_shared<Options>();
  AddMomentOption(verb, options->as_of);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
