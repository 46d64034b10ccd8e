#include "services/api/audit/audit_attributes.h"

#include "events/model/enum_names.h"

namespace conntrail::api {
namespace {

std::string_view FaultName(DecodeFault fault) {
  switch (fault) {
    case DecodeFault::kNone:
      return "";
    case DecodeFault::kNotAnEvent:
      return "not_an_event";
    case DecodeFault::kUnknownType:
      return "unknown_type";
    case DecodeFault::kInvalid:
      return "invalid";
  }
  return "unknown";
}

std::string_view ActorType(const TrailLine& line, const Event* event) {
  if (line.actor) {
    return line.actor->kind == PrincipalKind::kServiceAccount ? "SERVICE_ACCOUNT" : "USER";
  }
  if (event == nullptr) return "Other";
  if (event->actor.api_key) return "API_KEY";
  const bool is_system =
      event->authority == Authority::kLog || event->actor.kind == ActorKind::kSystem;
  return is_system ? "SYSTEM" : "Other";
}

// "" where nothing is known.
std::string_view AuthMethod(const Event& event) {
  if (event.authority == Authority::kLog) return "SYSTEM";
  if (event.actor.application_key) return "API_AND_APP_KEY";
  if (event.context.interface == Interface::kUi || !event.context.session.empty()) return "SESSION";
  if (event.actor.api_key) return "API_KEY";
  return event.authority == Authority::kIntent && event.actor.principal ? "OAUTH_TOKEN" : "";
}

Tree TextsTree(const std::vector<Principal>& principals) {
  Tree::Items items;
  for (const Principal& principal : principals) items.emplace_back(principal.ToString());
  return Tree::List(std::move(items));
}

template <typename Id>
void SetId(Tree& tree, std::string_view path, const std::optional<Id>& id) {
  if (id) tree.Set(path, id->ToString());
}

void SetTime(Tree& tree, std::string_view path, const std::optional<UnixMs>& time_ms) {
  if (time_ms) tree.Set(path, FormatTime(*time_ms));
}

void DescribeUse(Tree& metadata, const ConnectionUsed& used) {
  SetId(metadata, "workflow_id", used.workflow);
  metadata.SetText("step_name", used.step);
  metadata.Set("count", Tree::Number(used.count));
  if (used.mode != UseMode::kUnspecified) metadata.Set("mode", EnumName(used.mode));
  SetId(metadata, "principal", used.principal);
  if (!used.run_as) return;
  metadata.Set("run_as_user.id", used.run_as->ToString());
  metadata.Set("run_as_user.is_service_account",
               used.run_as->kind == PrincipalKind::kServiceAccount);
}

void DescribeCause(Tree& metadata, CredentialCause cause) {
  if (cause != CredentialCause::kUnspecified) metadata.Set("cause", EnumName(cause));
}

void DescribeConsent(Tree& metadata, const std::optional<Consent>& consent) {
  if (!consent) return;
  metadata.SetText("consent.provider", consent->provider);
  metadata.SetText("consent.client_id", consent->client_id);
  metadata.Set("consent.scopes",
               Tree::List(Tree::Items(consent->scopes.begin(), consent->scopes.end())));
  metadata.Set("consent.given_by", consent->given_by.ToString());
}

// Why a credential came, changed or went, and who consented to what.
void DescribeCredential(Tree& metadata, const Action& action) {
  if (const auto* issued = std::get_if<CredentialIssued>(&action)) {
    DescribeCause(metadata, issued->cause);
    DescribeConsent(metadata, issued->consent);
  } else if (const auto* rotated = std::get_if<CredentialRotated>(&action)) {
    DescribeCause(metadata, rotated->cause);
    DescribeConsent(metadata, rotated->consent);
  } else if (const auto* withdrawn = std::get_if<CredentialWithdrawn>(&action)) {
    DescribeCause(metadata, withdrawn->cause);
  } else if (const auto* connected = std::get_if<IntegrationConnected>(&action)) {
    DescribeConsent(metadata, connected->consent);
  }
}

Tree MetadataOf(const TrailLine& line, const Event* event) {
  Tree metadata = Tree::Object();
  if (line.subject.kind == EntityKind::kConnection) {
    metadata.Set("connection_id", line.subject.id.ToString());
  }
  if (event == nullptr) return metadata;
  SetId(metadata, "api_key.id", event->actor.api_key);
  SetId(metadata, "application_key.id", event->actor.application_key);
  metadata.SetText("session_id", event->context.session);
  metadata.SetText("dd.request_id", event->context.request_id);
  if (const auto* used = std::get_if<ConnectionUsed>(&event->action)) DescribeUse(metadata, *used);
  DescribeCredential(metadata, event->action);
  if (const auto* connected = std::get_if<IntegrationConnected>(&event->action)) {
    metadata.SetText("integration_name", connected->type);
  }
  return metadata;
}

void DescribeContext(Tree& own, const Event& event) {
  const EventContext& context = event.context;
  if (event.authority != Authority::kUnspecified) own.Set("authority", EnumName(event.authority));
  own.SetText("request_id", context.request_id);
  own.SetText("comment", context.reason);
  own.SetText("ticket", context.ticket);
  own.SetText("refusal", context.refusal);
  own.SetText("subject_name", context.subject_name);
  if (!context.via.empty()) own.Set("via", TextsTree(context.via));
  SetId(own, "on_behalf_of", event.on_behalf_of);
  SetId(own, "approver", event.approver);
  SetTime(own, "recorded_at", event.recorded_at_ms);
  own.SetText("producer", event.producer);
  if (event.producer_sequence) {
    own.Set("producer_sequence", Tree::Number(*event.producer_sequence));
  }
  if (event.expected_revision) {
    own.Set("expected_revision", Tree::Number(event.expected_revision->value));
  }
  if (!context.transaction) return;
  own.SetText("transaction.id", context.transaction->id);
  own.Set("transaction.position", Tree::Number(uint64_t{context.transaction->position}));
  own.Set("transaction.size", Tree::Number(uint64_t{context.transaction->size}));
}

// What no other service's events have.
Tree OwnOf(const AuditEvent& event) {
  const TrailLine& line = event.line;
  Tree own = Tree::Object();
  own.Set("index", Tree::Number(line.place.index.value));
  own.Set("verdict", VerdictName(line.verdict));
  own.SetText("reason", ReasonName(line.reason));
  own.Set("event_type", line.type == EventType::kNone ? "none" : EventTypeName(line.type));
  own.Set("revision", Tree::Number(line.revision.value));
  own.Set("rules", Tree::Number(uint64_t{event.rules.value}));
  if (event.first) own.Set("first", Tree::Number(event.first->value));
  if (line.marks != 0) own.Set("marks", MarksTree(line.marks));
  if (line.interface != Interface::kUnspecified) own.Set("interface", EnumName(line.interface));
  SetTime(own, "occurred_at", line.occurred_at_ms);
  own.Set("appended_at", FormatTime(event.append_time_ms));
  if (event.event() != nullptr) {
    DescribeContext(own, *event.event());
  } else {
    own.SetText("fault.kind", FaultName(event.decoded.fault));
    own.SetText("fault.place", event.decoded.place);
  }
  return own;
}

}  // namespace

Tree MarksTree(uint16_t marks) {
  Tree::Items items;
  if ((marks & mark::kGap) != 0) items.emplace_back("gap");
  if ((marks & mark::kLate) != 0) items.emplace_back("late");
  if ((marks & mark::kProducerGap) != 0) items.emplace_back("producer_gap");
  return Tree::List(std::move(items));
}

Tree AttributesOf(const AuditEvent& audit, const OrgState& org) {
  const TrailLine& line = audit.line;
  const Event* event = audit.event();
  Tree out = Tree::Object();
  out.Set("action", audit.words.action);
  out.Set("asset.type", audit.words.asset_type);
  if (line.subject.kind != EntityKind::kNone) out.Set("asset.id", line.subject.id.ToString());
  if (event != nullptr) out.SetText("auth_method", AuthMethod(*event));
  out.Set("conntrail", OwnOf(audit));
  const std::string_view source =
      event == nullptr ? std::string_view() : std::string_view(event->context.source);
  out.Set("emitted_source", source.empty() ? "conntrail" : source);
  out.Set("evt.name", audit.words.evt_name);
  out.Set("evt.actor.type", ActorType(line, event));
  if (event != nullptr) {
    out.SetText("http.useragent", event->context.user_agent);
    out.SetText("network.client.ip", event->context.source_ip);
  }
  Tree metadata = MetadataOf(line, event);
  if (!metadata.members()->empty()) out.Set("metadata", std::move(metadata));
  out.Set("org.uuid", org.id.ToString());
  out.SetText("org.name", org.name);
  out.Set("status", StatusOf(line.verdict));
  out.Set("timestamp", Tree::Number(line.place.time_ms));
  if (line.actor) {
    out.Set("usr.id", line.actor->ToString());
    out.Set("usr.uuid", line.actor->id.ToString());
  }
  out.Set("uuid", line.event.ToString());
  return out;
}

}  // namespace conntrail::api
