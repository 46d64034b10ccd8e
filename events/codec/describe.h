#pragma once

#include <concepts>
#include <type_traits>

#include "events/event.h"

namespace conntrail {

// T is U or const U.
template <typename T, typename U>
concept As = std::same_as<std::remove_const_t<T>, U>;

// Describe(visit, x) calls visit(name, member) for every member of x, sorted by the names that the
// members have in the JSON form. The visitor finds out by the type what to do; members of equal
// type and other meaning come as visit.Rights(name, member).

void Describe(auto& visit, As<Consent> auto& x) {
  visit("client_id", x.client_id);
  visit("given_by", x.given_by);
  visit("provider", x.provider);
  visit("scopes", x.scopes);
}

void Describe(auto& visit, As<SecretFingerprint> auto& x) {
  visit("digest", x.digest);
  visit("field", x.field);
}

void Describe(auto& visit, As<SignedHead> auto& x) {
  visit("root", x.root);
  visit("size", x.size);
  visit("slot", x.slot);
}

void Describe(auto& visit, As<SealSeen> auto& x) {
  visit("heads_root", x.heads_root);
  visit("number", x.number);
}

void Describe(auto& visit, As<WorkflowStep> auto& x) {
  visit("action", x.action);
  visit("connection", x.connection);
  visit("step", x.step);
}

void Describe(auto& visit, As<Actor> auto& x) {
  visit("api_key", x.api_key);
  visit("application_key", x.application_key);
  visit("kind", x.kind);
  visit("principal", x.principal);
}

void Describe(auto& visit, As<Transaction> auto& x) {
  visit("id", x.id);
  visit("position", x.position);
  visit("size", x.size);
}

void Describe(auto& visit, As<ConnectionCreated> auto& x) {
  visit("connection", x.connection);
  visit("fields", x.fields);
  visit("has_credential", x.has_credential);
  visit("secrets", x.secrets);
}

void Describe(auto& visit, As<ConnectionEdited> auto& x) {
  visit("changes", x.changes);
  visit("connection", x.connection);
  visit("secrets", x.secrets);
}

void Describe(auto& visit, As<ConnectionDeleted> auto& x) {
  visit("connection", x.connection);
  visit("last_fields", x.last_fields);
  visit("last_grants", x.last_grants);
}

void Describe(auto& visit, As<ConnectionSuspended> auto& x) { visit("connection", x.connection); }

void Describe(auto& visit, As<ConnectionResumed> auto& x) { visit("connection", x.connection); }

template <typename T>
  requires As<T, CredentialIssued> || As<T, CredentialRotated>
void Describe(auto& visit, T& x) {
  visit("cause", x.cause);
  visit("connection", x.connection);
  visit("consent", x.consent);
  visit("expires_at", x.expires_at_ms);
  visit("secrets", x.secrets);
}

void Describe(auto& visit, As<CredentialWithdrawn> auto& x) {
  visit("cause", x.cause);
  visit("connection", x.connection);
}

void Describe(auto& visit, As<PolicyReplaced> auto& x) {
  visit("allow_self_lockout", x.allow_self_lockout);
  visit("connection", x.connection);
  visit("grants", x.grants);
  visit("restore_default", x.restore_default);
}

void Describe(auto& visit, As<PolicyPatched> auto& x) {
  visit("added", x.added);
  visit("allow_self_lockout", x.allow_self_lockout);
  visit("connection", x.connection);
  visit("removed", x.removed);
}

void Describe(auto& visit, As<ConnectionUsed> auto& x) {
  visit("connection", x.connection);
  visit("count", x.count);
  visit("detail", x.detail);
  visit("first_at", x.first_at_ms);
  visit("last_at", x.last_at_ms);
  visit("mode", x.mode);
  visit("principal", x.principal);
  visit("run_as", x.run_as);
  visit("step", x.step);
  visit("workflow", x.workflow);
}

void Describe(auto& visit, As<AccountChanged> auto& x) {
  visit("account", x.account);
  visit("change", x.change);
  visit("display_name", x.display_name);
  visit("email", x.email);
  visit("external_id", x.external_id);
  visit("manager", x.manager);
  visit("user_name", x.user_name);
}

void Describe(auto& visit, As<GroupChanged> auto& x) {
  visit("change", x.change);
  visit("external_id", x.external_id);
  visit("group", x.group);
  visit("members_added", x.members_added);
  visit("members_removed", x.members_removed);
  visit("name", x.name);
}

void Describe(auto& visit, As<WorkflowSaved> auto& x) {
  visit("editors", x.editors);
  visit("name", x.name);
  visit("owner", x.owner);
  visit("run_as", x.run_as);
  visit("run_as_account", x.run_as_account);
  visit("steps", x.steps);
  visit("workflow", x.workflow);
}

void Describe(auto& visit, As<WorkflowDeleted> auto& x) { visit("workflow", x.workflow); }

void Describe(auto& visit, As<IntegrationConnected> auto& x) {
  visit("account", x.account);
  visit("consent", x.consent);
  visit("integration", x.integration);
  visit("secrets", x.secrets);
  visit("type", x.type);
}

void Describe(auto& visit, As<IntegrationDisconnected> auto& x) {
  visit("integration", x.integration);
}

void Describe(auto& visit, As<ReviewOpened> auto& x) {
  visit("due_at", x.due_at_ms);
  visit("items", x.items);
  visit("name", x.name);
  visit("population_digest", x.population_digest);
  visit("query", x.query);
  visit("review", x.review);
  visit("reviewers", x.reviewers);
}

void Describe(auto& visit, As<ReviewDecided> auto& x) {
  visit("connection", x.connection);
  visit("grant", x.grant);
  visit("reduce_to", x.reduce_to);
  visit("review", x.review);
  visit("verdict", x.verdict);
}

void Describe(auto& visit, As<ReviewClosed> auto& x) {
  visit("certificate_digest", x.certificate_digest);
  visit("review", x.review);
}

void Describe(auto& visit, As<FindingSuppressed> auto& x) {
  visit("expires_at", x.expires_at_ms);
  visit("finding", x.finding);
  visit("owner", x.owner);
}

void Describe(auto& visit, As<FindingReopened> auto& x) { visit("finding", x.finding); }

void Describe(auto& visit, As<AuditTrailRead> auto& x) {
  visit("query_digest", x.query_digest);
  visit("rows", x.rows);
}

void Describe(auto& visit, As<KeyCreated> auto& x) {
  visit("digest", x.digest);
  visit("expires_at", x.expires_at_ms);
  visit("key", x.key);
  visit("kind", x.kind);
  visit("name", x.name);
  visit("owner", x.owner);
  visit.Rights("rights", x.rights);
}

void Describe(auto& visit, As<KeyRevoked> auto& x) { visit("key", x.key); }

void Describe(auto& visit, As<KeyRightsChanged> auto& x) {
  visit("key", x.key);
  visit.Rights("rights", x.rights);
}

void Describe(auto& visit, As<OrgOpened> auto& x) { visit("name", x.name); }

void Describe(auto& visit, As<RulesActivated> auto& x) { visit("version", x.version); }

void Describe(auto& visit, As<Seal> auto& x) {
  visit("seen", x.seen);
  visit("signed_heads", x.signed_heads);
}

void Describe(auto& visit, As<AttemptUnreadable> auto& x) {
  visit("connection", x.connection);
  visit("error", x.error);
}

void Describe(auto&, As<std::monostate> auto&) {}

// Members that need more than their type tells come by methods of the visitor.
void Describe(auto& visit, As<Event> auto& x) {
  visit.Action("action", x.action);
  visit("actor", x.actor);
  visit("approver", x.approver);
  visit("authority", x.authority);
  visit("expected_revision", x.expected_revision);
  visit("id", x.id);
  visit("idempotency_key", x.idempotency_key);
  visit("interface", x.context.interface);
  visit.NonZero("log_tag", x.log_tag);
  visit("occurred_at", x.occurred_at_ms);
  visit("on_behalf_of", x.on_behalf_of);
  visit.Org("org", x.org);
  visit("producer", x.producer);
  visit("producer_sequence", x.producer_sequence);
  visit("reason", x.context.reason);
  visit("recorded_at", x.recorded_at_ms);
  visit("refusal", x.context.refusal);
  visit("refused_by_source", x.refused_by_source);
  visit("request_hash", x.request_hash);
  visit("request_id", x.context.request_id);
  visit.Rights("rights", x.rights);
  visit("session", x.context.session);
  visit("source", x.context.source);
  visit("source_ip", x.context.source_ip);
  visit("subject_name", x.context.subject_name);
  visit("ticket", x.context.ticket);
  visit("transaction", x.context.transaction);
  visit.Type("type", x.action);
  visit("user_agent", x.context.user_agent);
  visit("via", x.context.via);
}

// A new action of that type, with nothing in it.
inline Action NewAction(EventType type) {
  Action action;
  const auto emplace_at = [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
    ((static_cast<size_t>(type) == kIndex ? (void)action.emplace<kIndex>() : (void)0), ...);
  };
  emplace_at(std::make_index_sequence<std::variant_size_v<Action>>());
  return action;
}

}  // namespace conntrail
