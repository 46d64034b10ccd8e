#include <span>

#include <fmt/format.h>

#include "projections/entity_json.h"
#include "projections/views/connection_view.h"
#include "tools/conntrail/verbs/arguments.h"
#include "tools/conntrail/verbs/connection_text.h"
#include "tools/conntrail/verbs/trail_rows.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

constexpr UnixMs kDayMs = 24LL * 60 * 60 * 1000;
constexpr size_t kFingerprintDigits = 12;  // enough to tell secrets apart by eye

struct Options {
  std::string connection;
  std::string as_of = "now";
};

using Lines = std::vector<std::vector<Cell>>;

std::string At(const Place& place) {
  return fmt::format("{} (record {})", FormatTime(place.time_ms), place.index.value);
}

std::string Age(UnixMs since_ms, UnixMs now_ms) {
  const UnixMs days = (now_ms - since_ms) / kDayMs;
  return days == 1 ? "1 day old" : fmt::format("{} days old", days < 0 ? 0 : days);
}

void AddIdentity(Lines& lines, const Connection& connection) {
  lines.push_back({"id", connection.id.ToString()});
  lines.push_back({"name", std::string(connection.name())});
  lines.push_back({"state", Cell(StateOf(connection),
                                 connection.life.deleted || connection.suspended ? Shade::kWarning
                                                                                 : Shade::kGood)});
  lines.push_back({"revision", std::to_string(connection.life.revision.value)});
  lines.push_back(
      {"created",
       At(connection.life.created) +
           (connection.created_by ? " by " + connection.created_by->ToString() : std::string())});
  lines.push_back({"changed", At(connection.life.changed)});
  if (connection.life.incomplete) {
    lines.push_back({"incomplete", "its creation was never seen"});
  }
}

void AddPolicy(Lines& lines, const Connection& connection) {
  if (!connection.has_policy) {
    lines.push_back({"policy", "default: its creator edits it, the organisation sees it"});
  }
  for (const HeldGrant& held : connection.grants) {
    lines.push_back({"policy " + std::string(RelationName(held.grant.relation)),
                     held.grant.principal.ToString() + " since " + At(held.since)});
  }
}

void AddCredential(Lines& lines, const Credential& credential, UnixMs now_ms) {
  std::string text = credential.present ? "present" : "none";
  if (credential.version > 0) text += fmt::format(", version {}", credential.version);
  if (credential.issued) {
    text += ", issued " + At(*credential.issued);
    if (credential.present) text += ", " + Age(credential.issued->time_ms, now_ms);
  }
  if (credential.expires_at_ms) text += ", expires " + FormatTime(*credential.expires_at_ms);
  lines.push_back({"credential", text});
  for (const SecretFingerprint& secret : credential.secrets) {
    lines.push_back({"fingerprint " + secret.field,
                     ToHex(std::as_bytes(std::span(secret.digest))).substr(0, kFingerprintDigits)});
  }
}

void AddUses(Lines& lines, const std::vector<Use>& uses) {
  for (const Use& use : uses) {
    std::string text = fmt::format("{} times by {}, last {}", use.count,
                                   use.principal ? use.principal->ToString() : "somebody unknown",
                                   FormatTime(use.last_at_ms));
    if (use.automatic > 0) text += fmt::format(", {} of them automatic", use.automatic);
    if (use.without_grant > 0) text += fmt::format(", {} without a grant", use.without_grant);
    lines.push_back({"used", Cell(text, use.without_grant > 0 ? Shade::kBad : Shade::kPlain)});
  }
  if (uses.empty()) lines.push_back({"used", "never, as far as is known"});
}

std::string ToJson(const Connection& connection, const std::vector<Use>& uses) {
  JsonWriter out;
  out.BeginObject();
  out.Name("connection");
  WriteEntity(out, Entity(connection));
  out.Name("uses");
  out.BeginArray();
  for (const Use& use : uses) WriteEntity(out, Entity(use));
  out.EndArray();
  out.EndObject();
  return out.Take();
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Moment moment, Moment::Parse(options.as_of));
  CONNTRAIL_ASSIGN_OR_RETURN(Answers * answers, session.Answers());
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionId id,
                             FindConnectionId(*answers, options.connection, moment));
  CONNTRAIL_ASSIGN_OR_RETURN(const ConnectionAnswer answer, answers->ConnectionAt(id, moment));
  const Connection& connection = answer.connection;
  const UnixMs now_ms = std::min(session.now_ms(), answer.at.time_ms);

  Lines lines;
  AddIdentity(lines, connection);
  for (const Field& field : connection.fields) {
    if (field.path != "name") lines.push_back({field.path, TextOf(field.value)});
  }
  AddPolicy(lines, connection);
  AddCredential(lines, connection.credential, now_ms);
  AddUses(lines, answer.uses);
  WriteDocument(session.sink(), session.style(), lines, ToJson(connection, answer.uses));
  return ExitCode::kOk;
}

}  // namespace

void AddConnectionsShow(CLI::App& group, CommandLine& line) {
  CLI::App& verb =
      AddVerb(group, "show", "One connection: fields, grants, credential, and uses until now",
              "  conntrail connections show jira-prod\n"
              "  conntrail connections show ID --as-of index:120 --output json");
  auto options = std::make_shared<Options>();
  verb.add_option("connection", options->connection, "Its id, or its name if only it has that")
      ->type_name("ID|NAME")
      ->required();
  AddMomentOption(verb, options->as_of);
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
