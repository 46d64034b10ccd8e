#include "events/codec/action_writer.h"

namespace conntrail {
namespace {

using W = WireWriter;

template <typename Wire, typename Value>
Wire WireEnum(Value value) {
  return static_cast<Wire>(value);
}

// A time that may be absent: flatbuffers::Optional is std::optional.
flatbuffers::Optional<int64_t> Time(const std::optional<UnixMs>& time_ms) {
  if (!time_ms) return flatbuffers::nullopt;
  return *time_ms;
}

// Each returns its table. Parts are written first, in the order of the schema: the order of
// evaluation of arguments is not fixed, and the same event must give the same bytes.

auto Write(W& w, const ConnectionCreated& in) {
  const auto fields = w.Fields(in.fields);
  const auto secrets = w.Secrets(in.secrets);
  return wire::CreateConnectionCreated(w.builder(), MaybeId(in.connection.uuid).get(), fields,
                                       secrets, in.has_credential);
}

auto Write(W& w, const ConnectionEdited& in) {
  const auto changes = w.Changes(in.changes);
  const auto secrets = w.Secrets(in.secrets);
  return wire::CreateConnectionEdited(w.builder(), MaybeId(in.connection.uuid).get(), changes,
                                      secrets);
}

auto Write(W& w, const ConnectionDeleted& in) {
  const auto last_fields = w.Fields(in.last_fields);
  const auto last_grants = w.Grants(in.last_grants);
  return wire::CreateConnectionDeleted(w.builder(), MaybeId(in.connection.uuid).get(), last_fields,
                                       last_grants);
}

auto Write(W& w, const ConnectionSuspended& in) {
  return wire::CreateConnectionSuspended(w.builder(), MaybeId(in.connection.uuid).get());
}

auto Write(W& w, const ConnectionResumed& in) {
  return wire::CreateConnectionResumed(w.builder(), MaybeId(in.connection.uuid).get());
}

template <auto Create, typename Value>
auto WriteCredential(W& w, const Value& in) {
  const auto secrets = w.Secrets(in.secrets);
  const auto consent = w.Consent(in.consent);
  return Create(w.builder(), MaybeId(in.connection.uuid).get(), secrets, Time(in.expires_at_ms),
                WireEnum<wire::CredentialCause>(in.cause), consent);
}

auto Write(W& w, const CredentialIssued& in) {
  return WriteCredential<wire::CreateCredentialIssued>(w, in);
}

auto Write(W& w, const CredentialRotated& in) {
  return WriteCredential<wire::CreateCredentialRotated>(w, in);
}

auto Write(W& w, const CredentialWithdrawn& in) {
  return wire::CreateCredentialWithdrawn(w.builder(), MaybeId(in.connection.uuid).get(),
                                         WireEnum<wire::CredentialCause>(in.cause));
}

auto Write(W& w, const PolicyReplaced& in) {
  const auto grants = w.Grants(in.grants);
  return wire::CreatePolicyReplaced(w.builder(), MaybeId(in.connection.uuid).get(), grants,
                                    in.restore_default, in.allow_self_lockout);
}

auto Write(W& w, const PolicyPatched& in) {
  const auto added = w.Grants(in.added);
  const auto removed = w.Grants(in.removed);
  return wire::CreatePolicyPatched(w.builder(), MaybeId(in.connection.uuid).get(), added, removed,
                                   in.allow_self_lockout);
}

auto Write(W& w, const ConnectionUsed& in) {
  const auto step = w.Text(in.step);
  const auto detail = w.Text(in.detail);
  return wire::CreateConnectionUsed(
      w.builder(), MaybeId(in.connection.uuid).get(), MaybePrincipal(in.principal).get(),
      WireEnum<wire::UseMode>(in.mode), MaybeId(in.workflow).get(), step,
      MaybePrincipal(in.run_as).get(), in.count, Time(in.first_at_ms), Time(in.last_at_ms), detail);
}

auto Write(W& w, const AccountChanged& in) {
  const auto user_name = w.Text(in.user_name);
  const auto display_name = w.Text(in.display_name);
  const auto email = w.Text(in.email);
  const auto external_id = w.Text(in.external_id);
  return wire::CreateAccountChanged(
      w.builder(), MaybePrincipal(in.account).get(), WireEnum<wire::AccountChange>(in.change),
      MaybePrincipal(in.manager).get(), user_name, display_name, email, external_id);
}

auto Write(W& w, const GroupChanged& in) {
  const auto name = w.Text(in.name);
  const auto added = w.Principals(in.members_added);
  const auto removed = w.Principals(in.members_removed);
  const auto external_id = w.Text(in.external_id);
  return wire::CreateGroupChanged(w.builder(), MaybePrincipal(in.group).get(),
                                  WireEnum<wire::GroupChange>(in.change), name, added, removed,
                                  external_id);
}

auto Write(W& w, const WorkflowStep& in) {
  const auto step = w.Text(in.step);
  const auto action = w.Text(in.action);
  return wire::CreateWorkflowStep(w.builder(), step, action, MaybeId(in.connection).get());
}

W::Offset<W::Vector<W::Offset<wire::WorkflowStep>>> Steps(W& w,
                                                          const std::vector<WorkflowStep>& steps) {
  if (steps.empty()) return 0;
  std::vector<W::Offset<wire::WorkflowStep>> offsets;
  offsets.reserve(steps.size());
  for (const WorkflowStep& step : steps) offsets.push_back(Write(w, step));
  return w.builder().CreateVector(offsets);
}

auto Write(W& w, const WorkflowSaved& in) {
  const auto name = w.Text(in.name);
  const auto editors = w.Principals(in.editors);
  const auto steps = Steps(w, in.steps);
  return wire::CreateWorkflowSaved(w.builder(), MaybeId(in.workflow.uuid).get(), name,
                                   MaybePrincipal(in.owner).get(), WireEnum<wire::RunAs>(in.run_as),
                                   MaybePrincipal(in.run_as_account).get(), editors, steps);
}

auto Write(W& w, const WorkflowDeleted& in) {
  return wire::CreateWorkflowDeleted(w.builder(), MaybeId(in.workflow.uuid).get());
}

auto Write(W& w, const IntegrationConnected& in) {
  const auto type = w.Text(in.type);
  const auto account = w.Text(in.account);
  const auto secrets = w.Secrets(in.secrets);
  const auto consent = w.Consent(in.consent);
  return wire::CreateIntegrationConnected(w.builder(), MaybeId(in.integration).get(), type, account,
                                          secrets, consent);
}

auto Write(W& w, const IntegrationDisconnected& in) {
  return wire::CreateIntegrationDisconnected(w.builder(), MaybeId(in.integration).get());
}

auto Write(W& w, const ReviewOpened& in) {
  const auto name = w.Text(in.name);
  const auto query = w.Text(in.query);
  const auto population_digest = w.Digest(in.population_digest);
  const auto reviewers = w.Principals(in.reviewers);
  return wire::CreateReviewOpened(w.builder(), MaybeId(in.review).get(), name, query,
                                  Time(in.due_at_ms), population_digest, in.items, reviewers);
}

auto Write(W& w, const ReviewDecided& in) {
  const auto grant = in.grant ? Maybe<wire::Grant>(ToWire(*in.grant)) : Maybe<wire::Grant>();
  return wire::CreateReviewDecided(
      w.builder(), MaybeId(in.review).get(), MaybeId(in.connection.uuid).get(), grant.get(),
      WireEnum<wire::ReviewVerdict>(in.verdict), WireEnum<wire::Relation>(in.reduce_to));
}

auto Write(W& w, const ReviewClosed& in) {
  const auto digest = w.Digest(in.certificate_digest);
  return wire::CreateReviewClosed(w.builder(), MaybeId(in.review).get(), digest);
}

auto Write(W& w, const FindingSuppressed& in) {
  const auto finding = w.Digest(in.finding);
  return wire::CreateFindingSuppressed(w.builder(), finding, MaybePrincipal(in.owner).get(),
                                       Time(in.expires_at_ms));
}

auto Write(W& w, const FindingReopened& in) {
  const auto finding = w.Digest(in.finding);
  return wire::CreateFindingReopened(w.builder(), finding);
}

auto Write(W& w, const AuditTrailRead& in) {
  const auto digest = w.Digest(in.query_digest);
  return wire::CreateAuditTrailRead(w.builder(), digest, in.rows);
}

auto Write(W& w, const KeyCreated& in) {
  const auto name = w.Text(in.name);
  const auto digest = w.Digest(in.digest);
  return wire::CreateKeyCreated(w.builder(), MaybeId(in.key.uuid).get(),
                                WireEnum<wire::KeyKind>(in.kind), name,
                                MaybePrincipal(in.owner).get(), digest,
                                WireEnum<wire::Right>(in.rights), Time(in.expires_at_ms));
}

auto Write(W& w, const KeyRevoked& in) {
  return wire::CreateKeyRevoked(w.builder(), MaybeId(in.key.uuid).get());
}

auto Write(W& w, const KeyRightsChanged& in) {
  return wire::CreateKeyRightsChanged(w.builder(), MaybeId(in.key.uuid).get(),
                                      WireEnum<wire::Right>(in.rights));
}

auto Write(W& w, const OrgOpened& in) {
  const auto name = w.Text(in.name);
  return wire::CreateOrgOpened(w.builder(), name);
}

auto Write(W& w, const RulesActivated& in) {
  return wire::CreateRulesActivated(w.builder(), in.version.value);
}

auto Write(W& w, const Seal& in) {
  std::vector<W::Offset<wire::SignedHead>> heads;
  for (const SignedHead& head : in.signed_heads) {
    const auto root = w.Digest(head.root);
    heads.push_back(wire::CreateSignedHead(w.builder(), head.slot, head.size, root));
  }
  W::Offset<flatbuffers::Vector<W::Offset<wire::SignedHead>>> offset = 0;
  if (!heads.empty()) offset = w.builder().CreateVector(heads);
  W::Offset<wire::SealSeen> seen = 0;
  if (in.seen) {
    const auto root = w.Digest(in.seen->heads_root);
    seen = wire::CreateSealSeen(w.builder(), in.seen->number, root);
  }
  return wire::CreateSeal(w.builder(), false, offset, seen);
}

auto Write(W& w, const AttemptUnreadable& in) {
  const auto error = w.Text(in.error);
  return wire::CreateAttemptUnreadable(w.builder(), MaybeId(in.connection).get(), error);
}

W::Offset<void> Write(W&, const std::monostate&) { return 0; }

}  // namespace

flatbuffers::Offset<void> WriteAction(WireWriter& writer, const Action& action) {
  return std::visit(
      [&](const auto& in) -> flatbuffers::Offset<void> { return Write(writer, in).Union(); },
      action);
}

}  // namespace conntrail
