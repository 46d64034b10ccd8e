#include "tools/conntrail/import/operation_reading.h"

#include "events/model/enum_names.h"
#include "tools/conntrail/import/line_reading.h"

namespace conntrail {
namespace {

Action ReadCreated(JsonReader& r, const JsonValue& body, const ConnectionId& id) {
  const JsonValue* after = r.Require(body, "after");
  if (after == nullptr) return {};
  ConnectionDocument document = ReadDocument(r, *after, false);
  if (document.suspended != nullptr) {
    r.Fail(*document.suspended, "a connection begins live; connection.suspended must follow");
  }
  return ConnectionCreated{.connection = id,
                           .fields = std::move(document.fields),
                           .secrets = {},
                           .has_credential = document.credential};
}

Action ReadEdited(JsonReader& r, const JsonValue& body, const ConnectionId& id) {
  return ConnectionEdited{
      .connection = id, .changes = ReadFieldChanges(r, body, "changes"), .secrets = {}};
}

Action ReadRenamed(JsonReader& r, const JsonValue& body, const ConnectionId& id) {
  ConnectionEdited edited{
      .connection = id, .changes = ReadFieldChanges(r, body, "changes"), .secrets = {}};
  const bool is_rename = edited.changes.size() == 1 && edited.changes.front().path == "name";
  if (r.ok() && !is_rename) r.Fail(*r.Find(body, "changes"), "must be one change of \"name\"");
  return edited;
}

Action ReadUnchanged(JsonReader&, const JsonValue&, const ConnectionId& id) {
  return ConnectionEdited{.connection = id, .changes = {}, .secrets = {}};
}

// Whether it was suspended or had a credential is known from its own records.
Action ReadDeleted(JsonReader& r, const JsonValue& body, const ConnectionId& id) {
  const JsonValue* before = r.Require(body, "before");
  if (before == nullptr) return {};
  ConnectionDocument document = ReadDocument(r, *before, true);
  return ConnectionDeleted{.connection = id,
                           .last_fields = std::move(document.fields),
                           .last_grants = std::move(document.grants)};
}

Action ReadPermission(JsonReader& r, const JsonValue& body, const ConnectionId& id) {
  return PolicyPatched{.connection = id,
                       .added = ReadGrants(r, body, "added"),
                       .removed = ReadGrants(r, body, "removed"),
                       .allow_self_lockout = false};
}

Action ReadSuspended(JsonReader&, const JsonValue&, const ConnectionId& id) {
  return ConnectionSuspended{.connection = id};
}

Action ReadResumed(JsonReader&, const JsonValue&, const ConnectionId& id) {
  return ConnectionResumed{.connection = id};
}

Action ReadIssued(JsonReader&, const JsonValue&, const ConnectionId& id) {
  CredentialIssued issued;
  issued.connection = id;
  return issued;
}

Action ReadWithdrawn(JsonReader&, const JsonValue&, const ConnectionId& id) {
  return CredentialWithdrawn{.connection = id, .cause = CredentialCause::kUnspecified};
}

Action ReadTeam(JsonReader& r, const JsonValue& body, const ConnectionId&) {
  const JsonValue* team = r.Require(body, "team");
  if (team == nullptr) return {};
  GroupChanged changed;
  if (const JsonValue* id = r.Require(*team, "id")) {
    changed.group = Principal::Parse(r.Text(*id)).value_or(Principal());
    if (!changed.group.is_group()) r.Fail(*id, "must be a team or a role, as in team:<uuid>");
  }
  changed.name = RequiredText(r, *team, "name");
  if (const JsonValue* change = r.Require(*team, "change")) {
    const auto parsed = ParseEnum<GroupChange>(r.Text(*change));
    if (!parsed) r.Fail(*change, "must be created, changed or deleted");
    changed.change = parsed.value_or(GroupChange::kUnspecified);
  }
  changed.members_added = ReadAccounts(r, *team, "members_added");
  changed.members_removed = ReadAccounts(r, *team, "members_removed");
  if (r.ok()) r.RefuseOthers(*team);
  return changed;
}

Action ReadMalformed(JsonReader& r, const JsonValue& body, const ConnectionId& id) {
  AttemptUnreadable unreadable;
  if (!id.uuid.is_nil()) unreadable.connection = id;
  unreadable.error = RequiredText(r, body, "error");
  return unreadable;
}

struct Operation {
  std::string_view name;
  Action (*read)(JsonReader& reader, const JsonValue& body, const ConnectionId& connection);
  bool of_connection = true;  // else it has no member "connection"
};
constexpr std::string_view kRefused = "attempt.refused";
constexpr std::string_view kMalformed = "attempt.malformed";
constexpr Operation kOperations[] = {
    {"connection.created", ReadCreated}, {"connection.edited", ReadEdited},
    {"connection.renamed", ReadRenamed}, {"connection.unchanged", ReadUnchanged},
    {"connection.deleted", ReadDeleted}, {"connection.suspended", ReadSuspended},
    {"connection.resumed", ReadResumed}, {"permission.changed", ReadPermission},
    {"credential.issued", ReadIssued},   {"credential.withdrawn", ReadWithdrawn},
    {"team.changed", ReadTeam, false},   {kMalformed, ReadMalformed},
};

// The operation that `body` names; null, and a fault, if there is none.
const Operation* FindOperation(JsonReader& r, const JsonValue& body) {
  const JsonValue* op = r.Require(body, "op");
  if (op == nullptr) return nullptr;
  for (const Operation& operation : kOperations) {
    if (operation.name == r.Text(*op)) return &operation;
  }
  r.Fail(*op, "there is no such operation");
  return nullptr;
}

// The subject: {id, name}. Only an attempt may be about something that has no id.
ConnectionId ReadSubject(JsonReader& r, const JsonValue& root, bool id_optional, Event& event) {
  const JsonValue* connection = r.Require(root, "connection");
  if (connection == nullptr) return {};
  event.context.subject_name = OptionalText(r, *connection, "name");
  const JsonValue* id = r.Require(*connection, "id");
  if (r.ok()) r.RefuseOthers(*connection);
  if (id == nullptr || (id_optional && id->kind == JsonKind::kNull)) return {};
  return {ReadId(r, *id)};
}

}  // namespace

void ReadOperation(JsonReader& r, const JsonValue& root, Event& event) {
  const JsonValue* op = r.Require(root, "op");
  event.refused_by_source = op != nullptr && r.Text(*op) == kRefused;
  const JsonValue* body = event.refused_by_source ? r.Require(root, "attempted") : &root;
  const Operation* operation = body == nullptr ? nullptr : FindOperation(r, *body);
  if (operation == nullptr) return;
  ConnectionId connection;
  if (operation->of_connection) {
    const bool id_optional = event.refused_by_source || operation->name == kMalformed;
    connection = ReadSubject(r, root, id_optional, event);
  }
  event.action = operation->read(r, *body, connection);
  if (event.refused_by_source && r.ok()) r.RefuseOthers(*body);
}

}  // namespace conntrail
