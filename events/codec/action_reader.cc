#include "events/codec/action_reader.h"

#include "events/base/check.h"
#include "events/event_codec.h"

namespace conntrail {
namespace {

using R = WireReader;

ConnectionId Connection(R& r, const wire::Uuid* id) { return {r.Subject(id, "action.connection")}; }

template <typename Id>
std::optional<Id> OptionalIdOf(R& r, const wire::Uuid* id) {
  if (const std::optional<Uuid> uuid = r.OptionalId(id)) return Id{*uuid};
  return std::nullopt;
}

CredentialCause Cause(R& r, wire::CredentialCause cause) {
  return r.Enum<CredentialCause>(cause, kCredentialCauseMax, "action.cause");
}

// Designated initializers are evaluated in order, so the first fault is the first in the schema.

ConnectionCreated Read(R& r, const wire::ConnectionCreated& in) {
  return {.connection = Connection(r, in.connection()),
          .fields = r.Fields(in.fields(), "action.fields"),
          .secrets = r.Secrets(in.secrets(), "action.secrets"),
          .has_credential = in.has_credential()};
}

ConnectionEdited Read(R& r, const wire::ConnectionEdited& in) {
  return {.connection = Connection(r, in.connection()),
          .changes = r.Changes(in.changes(), "action.changes"),
          .secrets = r.Secrets(in.secrets(), "action.secrets")};
}

ConnectionDeleted Read(R& r, const wire::ConnectionDeleted& in) {
  return {.connection = Connection(r, in.connection()),
          .last_fields = r.Fields(in.last_fields(), "action.last_fields"),
          .last_grants = r.Grants(in.last_grants(), "action.last_grants")};
}

ConnectionSuspended Read(R& r, const wire::ConnectionSuspended& in) {
  return {.connection = Connection(r, in.connection())};
}

ConnectionResumed Read(R& r, const wire::ConnectionResumed& in) {
  return {.connection = Connection(r, in.connection())};
}

template <typename Value, typename Wire>
Value ReadCredential(R& r, const Wire& in) {
  return {.connection = Connection(r, in.connection()),
          .secrets = r.Secrets(in.secrets(), "action.secrets"),
          .expires_at_ms = r.Time(in.expires_at_ms(), "action.expires_at"),
          .cause = Cause(r, in.cause()),
          .consent = r.Consent(in.consent(), "action.consent")};
}

CredentialIssued Read(R& r, const wire::CredentialIssued& in) {
  return ReadCredential<CredentialIssued>(r, in);
}

CredentialRotated Read(R& r, const wire::CredentialRotated& in) {
  return ReadCredential<CredentialRotated>(r, in);
}

CredentialWithdrawn Read(R& r, const wire::CredentialWithdrawn& in) {
  return {.connection = Connection(r, in.connection()), .cause = Cause(r, in.cause())};
}

PolicyReplaced Read(R& r, const wire::PolicyReplaced& in) {
  return {.connection = Connection(r, in.connection()),
          .grants = r.Grants(in.grants(), "action.grants"),
          .restore_default = in.restore_default(),
          .allow_self_lockout = in.allow_self_lockout()};
}

PolicyPatched Read(R& r, const wire::PolicyPatched& in) {
  return {.connection = Connection(r, in.connection()),
          .added = r.Grants(in.added(), "action.added"),
          .removed = r.Grants(in.removed(), "action.removed"),
          .allow_self_lockout = in.allow_self_lockout()};
}

ConnectionUsed Read(R& r, const wire::ConnectionUsed& in) {
  return {.connection = Connection(r, in.connection()),
          .principal = r.Principal(in.principal(), "action.principal"),
          .mode = r.Enum<UseMode>(in.mode(), kUseModeMax, "action.mode"),
          .workflow = OptionalIdOf<WorkflowId>(r, in.workflow()),
          .step = r.Text(in.step(), "action.step"),
          .run_as = r.Principal(in.run_as(), "action.run_as"),
          .count = in.count(),
          .first_at_ms = r.Time(in.first_at_ms(), "action.first_at"),
          .last_at_ms = r.Time(in.last_at_ms(), "action.last_at"),
          .detail = r.Text(in.detail(), "action.detail")};
}

AccountChanged Read(R& r, const wire::AccountChanged& in) {
  return {.account = r.SubjectPrincipal(in.account(), "action.account"),
          .change = r.Enum<AccountChange>(in.change(), kAccountChangeMax, "action.change"),
          .manager = r.Principal(in.manager(), "action.manager"),
          .user_name = r.Text(in.user_name(), "action.user_name"),
          .display_name = r.Text(in.display_name(), "action.display_name"),
          .email = r.Text(in.email(), "action.email"),
          .external_id = r.Text(in.external_id(), "action.external_id")};
}

GroupChanged Read(R& r, const wire::GroupChanged& in) {
  return {.group = r.SubjectPrincipal(in.group(), "action.group"),
          .change = r.Enum<GroupChange>(in.change(), kGroupChangeMax, "action.change"),
          .name = r.Text(in.name(), "action.name"),
          .members_added = r.Principals(in.members_added(), "action.members_added"),
          .members_removed = r.Principals(in.members_removed(), "action.members_removed"),
          .external_id = r.Text(in.external_id(), "action.external_id")};
}

std::vector<WorkflowStep> Steps(
    R& r, const flatbuffers::Vector<flatbuffers::Offset<wire::WorkflowStep>>* in) {
  std::vector<WorkflowStep> steps;
  if (in == nullptr ||
      !r.Take(in->size(), sizeof(flatbuffers::uoffset_t), kListItemsMax, "action.steps")) {
    return steps;
  }
  steps.reserve(in->size());
  for (const wire::WorkflowStep* step : *in) {
    steps.push_back({.step = r.Text(step->step(), "action.steps.step"),
                     .action = r.Text(step->action(), "action.steps.action"),
                     .connection = OptionalIdOf<ConnectionId>(r, step->connection())});
  }
  return steps;
}

WorkflowSaved Read(R& r, const wire::WorkflowSaved& in) {
  return {.workflow = {r.Subject(in.workflow(), "action.workflow")},
          .name = r.Text(in.name(), "action.name"),
          .owner = r.Principal(in.owner(), "action.owner"),
          .run_as = r.Enum<RunAs>(in.run_as(), kRunAsMax, "action.run_as"),
          .run_as_account = r.Principal(in.run_as_account(), "action.run_as_account"),
          .editors = r.Principals(in.editors(), "action.editors"),
          .steps = Steps(r, in.steps())};
}

WorkflowDeleted Read(R& r, const wire::WorkflowDeleted& in) {
  return {.workflow = {r.Subject(in.workflow(), "action.workflow")}};
}

IntegrationConnected Read(R& r, const wire::IntegrationConnected& in) {
  return {.integration = r.Subject(in.integration(), "action.integration"),
          .type = r.Text(in.type(), "action.type"),
          .account = r.Text(in.account(), "action.account"),
          .secrets = r.Secrets(in.secrets(), "action.secrets"),
          .consent = r.Consent(in.consent(), "action.consent")};
}

IntegrationDisconnected Read(R& r, const wire::IntegrationDisconnected& in) {
  return {.integration = r.Subject(in.integration(), "action.integration")};
}

ReviewOpened Read(R& r, const wire::ReviewOpened& in) {
  return {.review = r.Subject(in.review(), "action.review"),
          .name = r.Text(in.name(), "action.name"),
          .query = r.Text(in.query(), "action.query"),
          .due_at_ms = r.Time(in.due_at_ms(), "action.due_at"),
          .population_digest = r.OptionalDigest(in.population_digest(), "action.population_digest"),
          .items = in.items(),
          .reviewers = r.Principals(in.reviewers(), "action.reviewers")};
}

ReviewDecided Read(R& r, const wire::ReviewDecided& in) {
  ReviewDecided out = {
      .review = r.Subject(in.review(), "action.review"),
      .connection = Connection(r, in.connection()),
      .grant = std::nullopt,
      .verdict = r.Enum<ReviewVerdict>(in.verdict(), kReviewVerdictMax, "action.verdict"),
      .reduce_to = r.Enum<Relation>(in.reduce_to(), kRelationMax, "action.reduce_to")};
  if (in.grant() != nullptr) out.grant = r.Grant(*in.grant(), "action.grant");
  return out;
}

ReviewClosed Read(R& r, const wire::ReviewClosed& in) {
  return {
      .review = r.Subject(in.review(), "action.review"),
      .certificate_digest = r.OptionalDigest(in.certificate_digest(), "action.certificate_digest")};
}

FindingSuppressed Read(R& r, const wire::FindingSuppressed& in) {
  return {.finding = r.Digest(in.finding(), "action.finding"),
          .owner = r.Principal(in.owner(), "action.owner"),
          .expires_at_ms = r.Time(in.expires_at_ms(), "action.expires_at")};
}

FindingReopened Read(R& r, const wire::FindingReopened& in) {
  return {.finding = r.Digest(in.finding(), "action.finding")};
}

AuditTrailRead Read(R& r, const wire::AuditTrailRead& in) {
  return {.query_digest = r.Digest(in.query_digest(), "action.query_digest"), .rows = in.rows()};
}

KeyCreated Read(R& r, const wire::KeyCreated& in) {
  return {.key = {r.Subject(in.key(), "action.key")},
          .kind = r.Enum<KeyKind>(in.kind(), kKeyKindMax, "action.kind"),
          .name = r.Text(in.name(), "action.name"),
          .owner = r.Principal(in.owner(), "action.owner"),
          .digest = r.Digest(in.digest(), "action.digest"),
          .rights = r.Rights(in.rights(), "action.rights"),
          .expires_at_ms = r.Time(in.expires_at_ms(), "action.expires_at")};
}

KeyRevoked Read(R& r, const wire::KeyRevoked& in) {
  return {.key = {r.Subject(in.key(), "action.key")}};
}

KeyRightsChanged Read(R& r, const wire::KeyRightsChanged& in) {
  return {.key = {r.Subject(in.key(), "action.key")},
          .rights = r.Rights(in.rights(), "action.rights")};
}

OrgOpened Read(R& r, const wire::OrgOpened& in) {
  return {.name = r.Text(in.name(), "action.name")};
}

RulesActivated Read(R&, const wire::RulesActivated& in) {
  return {.version = RulesVersion(in.version())};
}

Seal Read(R& r, const wire::Seal& in) {
  Seal seal;
  if (in.seen() != nullptr) {
    seal.seen = {in.seen()->number(), r.Digest(in.seen()->heads_root(), "action.seen.heads_root")};
  }
  if (in.signed_heads() == nullptr) return seal;
  for (const wire::SignedHead* head : *in.signed_heads()) {
    seal.signed_heads.push_back(
        {head->slot(), head->size(), r.Digest(head->root(), "action.signed_heads.root")});
  }
  return seal;
}

AttemptUnreadable Read(R& r, const wire::AttemptUnreadable& in) {
  return {.connection = OptionalIdOf<ConnectionId>(r, in.connection()),
          .error = r.Text(in.error(), "action.error")};
}

template <typename Wire>
Action ReadAs(R& r, const wire::Event& event) {
  if (event.action() == nullptr) {
    r.Fail("action");
    return {};
  }
  return Read(r, *static_cast<const Wire*>(event.action()));
}

using ReadFunction = Action (*)(R&, const wire::Event&);

// By number of the union. wire::ActionTraits would tell the number of each; a test goes through
// all.
constexpr ReadFunction kReaders[] = {
    nullptr,
    ReadAs<wire::ConnectionCreated>,
    ReadAs<wire::ConnectionEdited>,
    ReadAs<wire::ConnectionDeleted>,
    ReadAs<wire::ConnectionSuspended>,
    ReadAs<wire::ConnectionResumed>,
    ReadAs<wire::CredentialIssued>,
    ReadAs<wire::CredentialRotated>,
    ReadAs<wire::CredentialWithdrawn>,
    ReadAs<wire::PolicyReplaced>,
    ReadAs<wire::PolicyPatched>,
    ReadAs<wire::ConnectionUsed>,
    ReadAs<wire::AccountChanged>,
    ReadAs<wire::GroupChanged>,
    ReadAs<wire::WorkflowSaved>,
    ReadAs<wire::WorkflowDeleted>,
    ReadAs<wire::IntegrationConnected>,
    ReadAs<wire::IntegrationDisconnected>,
    ReadAs<wire::ReviewOpened>,
    ReadAs<wire::ReviewDecided>,
    ReadAs<wire::ReviewClosed>,
    ReadAs<wire::FindingSuppressed>,
    ReadAs<wire::FindingReopened>,
    ReadAs<wire::AuditTrailRead>,
    ReadAs<wire::KeyCreated>,
    ReadAs<wire::KeyRevoked>,
    ReadAs<wire::KeyRightsChanged>,
    ReadAs<wire::OrgOpened>,
    ReadAs<wire::RulesActivated>,
    ReadAs<wire::Seal>,
    ReadAs<wire::AttemptUnreadable>,
};
static_assert(std::size(kReaders) == kEventTypeMax + 1);

}  // namespace

Action ReadAction(WireReader& reader, const wire::Event& event) {
  const auto number = static_cast<uint8_t>(event.action_type());
  CONNTRAIL_CHECK(number >= 1 && number <= kEventTypeMax);
  return kReaders[number](reader, event);
}

}  // namespace conntrail
