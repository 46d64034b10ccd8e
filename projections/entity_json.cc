#include "projections/entity_json.h"

#include <span>

#include "events/model/field_json.h"

namespace conntrail {
namespace {

void WriteText(JsonWriter& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.Name(name);
  out.Text(value);
}

void WriteFlag(JsonWriter& out, std::string_view name, bool value) {
  out.Name(name);
  out.Bool(value);
}

void WriteNumber(JsonWriter& out, std::string_view name, uint64_t value) {
  out.Name(name);
  out.Uint(value);
}

void WriteTime(JsonWriter& out, std::string_view name, UnixMs time_ms) {
  out.Name(name);
  out.Text(FormatTime(time_ms));
}

void WriteTime(JsonWriter& out, std::string_view name, const std::optional<UnixMs>& time_ms) {
  if (time_ms) WriteTime(out, name, *time_ms);
}

void WriteWho(JsonWriter& out, std::string_view name, const std::optional<Principal>& who) {
  if (!who) return;
  out.Name(name);
  out.Text(who->ToString());
}

void WritePlace(JsonWriter& out, std::string_view name, const Place& place) {
  out.Name(name);
  out.BeginObject();
  WriteNumber(out, "index", place.index.value);
  WriteTime(out, "time", place.time_ms);
  out.EndObject();
}

void WriteTexts(JsonWriter& out, std::string_view name, const TextList& texts) {
  out.Name(name);
  out.BeginArray();
  for (const std::string& text : texts) out.Text(text);
  out.EndArray();
}

void WriteSecrets(JsonWriter& out, const std::vector<SecretFingerprint>& secrets) {
  out.Name("fingerprints");
  out.BeginObject();
  for (const SecretFingerprint& secret : secrets) {
    out.Name(secret.field);
    out.Text(ToHex(std::as_bytes(std::span(secret.digest))));
  }
  out.EndObject();
}

void WriteConsent(JsonWriter& out, const std::optional<Consent>& consent) {
  if (!consent) return;
  out.Name("consent");
  out.BeginObject();
  WriteText(out, "client_id", consent->client_id);
  WriteText(out, "given_by", consent->given_by.ToString());
  WriteText(out, "provider", consent->provider);
  WriteTexts(out, "scopes", consent->scopes);
  out.EndObject();
}

void WriteLife(JsonWriter& out, const Lifecycle& life) {
  out.Name("life");
  out.BeginObject();
  WritePlace(out, "changed", life.changed);
  WritePlace(out, "created", life.created);
  WriteFlag(out, "deleted", life.deleted);
  WriteFlag(out, "incomplete", life.incomplete);
  WriteNumber(out, "revision", life.revision.value);
  out.EndObject();
}

void WriteCredential(JsonWriter& out, const Credential& credential) {
  out.Name("credential");
  out.BeginObject();
  WriteConsent(out, credential.consent);
  WriteTime(out, "expires_at", credential.expires_at_ms);
  WriteSecrets(out, credential.secrets);
  if (credential.issued) WritePlace(out, "issued", *credential.issued);
  WriteFlag(out, "present", credential.present);
  WriteNumber(out, "version", credential.version);
  out.EndObject();
}

void Write(JsonWriter& out, const Connection& c) {
  WriteWho(out, "created_by", c.created_by);
  WriteCredential(out, c.credential);
  out.Name("fields");
  WriteFields(out, c.fields);
  out.Name("grants");
  out.BeginArray();
  for (const HeldGrant& held : c.grants) {
    out.BeginObject();
    WriteText(out, "principal", held.grant.principal.ToString());
    WriteText(out, "relation", RelationName(held.grant.relation));
    WritePlace(out, "since", held.since);
    out.EndObject();
  }
  out.EndArray();
  WriteText(out, "id", c.id.ToString());
  WriteText(out, "kind", "connection");
  WriteLife(out, c.life);
  WriteFlag(out, "restricted", c.has_policy);
  WriteNumber(out, "slot", c.slot);
  WriteFlag(out, "suspended", c.suspended);
}

void Write(JsonWriter& out, const Account& a) {
  WriteFlag(out, "active", a.active);
  WriteText(out, "display_name", a.display_name);
  WriteText(out, "email", a.email);
  WriteText(out, "external_id", a.external_id);
  WriteText(out, "id", a.id.ToString());
  WriteText(out, "kind", "account");
  WriteLife(out, a.life);
  WriteWho(out, "manager", a.manager);
  WriteText(out, "user_name", a.user_name);
}

void Write(JsonWriter& out, const Group& g) {
  WriteText(out, "external_id", g.external_id);
  WriteText(out, "id", g.id.ToString());
  WriteText(out, "kind", "group");
  WriteLife(out, g.life);
  out.Name("members");
  out.BeginArray();
  for (const Member& member : g.members) {
    out.BeginObject();
    WriteText(out, "principal", member.principal.ToString());
    WritePlace(out, "since", member.since);
    out.EndObject();
  }
  out.EndArray();
  WriteText(out, "name", g.name);
}

void Write(JsonWriter& out, const Workflow& w) {
  out.Name("editors");
  WritePrincipals(out, w.editors);
  WriteText(out, "id", w.id.ToString());
  WriteText(out, "kind", "workflow");
  WriteLife(out, w.life);
  WriteText(out, "name", w.name);
  WriteWho(out, "owner", w.owner);
  WriteNumber(out, "run_as", static_cast<uint64_t>(w.run_as));
  WriteWho(out, "run_as_account", w.run_as_account);
  out.Name("steps");
  out.BeginArray();
  for (const WorkflowStep& step : w.steps) {
    out.BeginObject();
    WriteText(out, "action", step.action);
    if (step.connection) WriteText(out, "connection", step.connection->ToString());
    WriteText(out, "step", step.step);
    out.EndObject();
  }
  out.EndArray();
}

void Write(JsonWriter& out, const Integration& i) {
  WriteText(out, "account", i.account);
  WriteConsent(out, i.consent);
  WriteSecrets(out, i.secrets);
  WriteText(out, "id", i.id.ToString());
  WriteText(out, "kind", "integration");
  WriteLife(out, i.life);
  WriteText(out, "type", i.type);
}

void Write(JsonWriter& out, const AccessKey& k) {
  WriteText(out, "digest", ToHex(std::as_bytes(std::span(k.digest))));
  WriteTime(out, "expires_at", k.expires_at_ms);
  WriteText(out, "id", k.id.ToString());
  WriteText(out, "kind", "key");
  WriteNumber(out, "key_kind", static_cast<uint64_t>(k.kind));
  WriteLife(out, k.life);
  WriteText(out, "name", k.name);
  WriteWho(out, "owner", k.owner);
  out.Name("rights");
  WriteRights(out, k.rights);
}

void Write(JsonWriter& out, const Producer& p) {
  out.Name("gaps");
  out.BeginArray();
  for (const auto& [low, high] : p.gaps) {
    out.BeginArray();
    out.Uint(low);
    out.Uint(high);
    out.EndArray();
  }
  out.EndArray();
  WriteNumber(out, "high", p.high);
  WriteText(out, "kind", "producer");
  WritePlace(out, "last", p.last);
  WriteText(out, "name", p.name);
}

void Write(JsonWriter& out, const Use& u) {
  WriteNumber(out, "automatic", u.automatic);
  WriteText(out, "connection", u.connection.ToString());
  WriteNumber(out, "count", u.count);
  WriteTime(out, "first_at", u.first_at_ms);
  WriteText(out, "kind", "use");
  WritePlace(out, "last", u.last);
  WriteTime(out, "last_at", u.last_at_ms);
  WriteWho(out, "principal", u.principal);
  WriteNumber(out, "without_grant", u.without_grant);
}

void WriteMarks(JsonWriter& out, uint16_t marks) {
  if (marks == 0) return;
  out.Name("marks");
  out.BeginArray();
  if ((marks & mark::kGap) != 0) out.Text("gap");
  if ((marks & mark::kLate) != 0) out.Text("late");
  if ((marks & mark::kProducerGap) != 0) out.Text("producer_gap");
  out.EndArray();
}

}  // namespace

void WriteEntity(JsonWriter& out, const Entity& entity) {
  out.BeginObject();
  std::visit([&](const auto& e) { Write(out, e); }, entity);
  out.EndObject();
}

std::string EntityToJson(const Entity& entity) {
  JsonWriter out;
  WriteEntity(out, entity);
  return out.Take();
}

void WriteTrailLine(JsonWriter& out, const TrailLine& line) {
  out.BeginObject();
  WriteWho(out, "actor", line.actor);
  WriteText(out, "event", line.event.ToString());
  WriteNumber(out, "index", line.place.index.value);
  WriteMarks(out, line.marks);
  WriteTime(out, "occurred_at", line.occurred_at_ms);
  WriteText(out, "outcome", VerdictName(line.verdict));
  WriteText(out, "reason", ReasonName(line.reason));
  WriteNumber(out, "revision", line.revision.value);
  if (line.subject.kind != EntityKind::kNone) {
    WriteText(out, "subject",
              std::string(EntityKindName(line.subject.kind)) + ":" + line.subject.id.ToString());
  }
  WriteTime(out, "time", line.place.time_ms);
  WriteText(out, "type", EventTypeName(line.type));
  out.EndObject();
}

}  // namespace conntrail
