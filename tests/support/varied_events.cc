#include "tests/support/varied_events.h"

#include "events/base/check.h"
#include "events/event_codec.h"
#include "tests/support/event_builder.h"

// Random numbers are drawn one a statement, or inside braces: the order in which the arguments of a
// call are worked out is the compiler's.
namespace conntrail {
namespace {

constexpr uint64_t kPeople = 7;
constexpr uint64_t kConnections = 12;
constexpr uint64_t kGroups = 2;
constexpr const char* kOrgNames[] = {"acme", "beta"};
constexpr const char* kProducers[] = {"import:ci", "agent", "agent/uses",
                                      "a producer with a name that is long"};

OrgId OrgNumbered(uint64_t n) { return OrgNamed(kOrgNames[n]); }

}  // namespace

Uuid VariedEvents::Id() {
  const uint64_t hi = random_();
  const uint64_t lo = random_();
  return {hi, lo | 1};
}

Uuid VariedEvents::Pick(const char* of, uint64_t count) {
  return IdNamed(of + std::to_string(Number(count)));
}

Principal VariedEvents::Person() {
  const uint64_t n = Number(kPeople);
  const Uuid id = IdNamed("person" + std::to_string(n));
  return n == 0 ? Principal::ServiceAccount(id) : Principal::User(id);
}

Principal VariedEvents::Somebody() {
  switch (Number(7)) {
    case 0:
      return Principal::Team(Pick("team", kGroups));
    case 1:
      return Principal::Role(Pick("role", kGroups));
    case 2:
      return Principal::Org(OrgNumbered(Number(2)));
    default:
      return Person();
  }
}

std::vector<Grant> VariedEvents::SomeGrants() {
  std::vector<Grant> grants;
  for (uint64_t i = Number(4); i > 0; --i) {
    const auto relation = static_cast<Relation>(1 + Number(3));
    grants.push_back({relation, Somebody()});
  }
  return grants;
}

std::vector<SecretFingerprint> VariedEvents::SomeSecrets() {
  std::vector<SecretFingerprint> secrets;
  if (Chance(80)) {
    secrets.push_back({.field = "token", .digest = {static_cast<uint8_t>(1 + Number(4))}});
  }
  if (Chance(20)) {
    secrets.push_back({.field = "key", .digest = {static_cast<uint8_t>(1 + Number(4))}});
  }
  return secrets;
}

Consent VariedEvents::SomeConsent() {
  Consent consent;
  consent.provider = "provider " + std::to_string(Number(2));
  consent.client_id = "client";
  consent.scopes = {"read", "write"};
  consent.given_by = Person();
  return consent;
}

Fields VariedEvents::SomeFields() {
  static constexpr const char* kNames[] = {"Pager", "pager", "PAGER duty", "Deploy", "deploy é"};
  static constexpr const char* kTypes[] = {"HTTP", "slack", "jira"};
  Fields fields;
  if (Chance(90)) fields.push_back({"name", std::string(kNames[Number(5)])});
  if (Chance(70)) fields.push_back({"integration.type", std::string(kTypes[Number(3)])});
  if (Chance(40)) fields.push_back({"metadata.tries", static_cast<int64_t>(Number(9))});
  if (Chance(30)) fields.push_back({"shared", Chance(50)});
  TextList tags;
  if (Chance(50)) tags.push_back("env:prod");
  if (Chance(30)) tags.push_back("team:" + std::to_string(Number(2)));
  if (!tags.empty()) fields.push_back({"tags", tags});
  NormalizeFields(fields);
  return fields;
}

Action VariedEvents::OfConnection(uint64_t choice, UnixMs now_ms) {
  const ConnectionId id{Pick("connection", kConnections)};
  switch (choice) {
    case 0:
    case 1:
    case 2:
      return ConnectionCreated{id, SomeFields(), SomeSecrets(), Chance(50)};
    case 3:
    case 4: {
      ConnectionEdited edited{.connection = id};
      for (Field& field : SomeFields()) edited.changes.push_back({field.path, {}, field.value});
      if (Chance(20)) edited.secrets = SomeSecrets();
      return edited;
    }
    case 5:
      return ConnectionDeleted{.connection = id};
    case 6:
      return ConnectionSuspended{id};
    case 7:
      return ConnectionResumed{id};
    case 8:
      return PolicyReplaced{.connection = id,
                            .grants = SomeGrants(),
                            .restore_default = false,
                            .allow_self_lockout = Chance(60)};
    case 9:
      return PolicyReplaced{.connection = id, .restore_default = true};
    case 10:
    case 11:
      return PolicyPatched{.connection = id,
                           .added = SomeGrants(),
                           .removed = SomeGrants(),
                           .allow_self_lockout = Chance(60)};
    default: {
      ConnectionUsed used{.connection = id, .mode = static_cast<UseMode>(1 + Number(2))};
      if (Chance(80)) used.principal = Person();
      used.workflow = WorkflowId{Pick("workflow", 3)};
      used.step = "step " + std::to_string(Number(3));
      used.count = 1 + Number(5);
      if (Chance(50)) used.first_at_ms = now_ms - static_cast<UnixMs>(Number(5000));
      if (Chance(50)) used.last_at_ms = now_ms;
      return used;
    }
  }
}

Action VariedEvents::OfCredential(uint64_t choice, UnixMs now_ms) {
  const ConnectionId id{Pick("connection", kConnections)};
  const auto cause = static_cast<CredentialCause>(Number(7));
  if (choice == 0) return CredentialWithdrawn{id, cause};
  std::optional<UnixMs> expires;
  if (Chance(40)) expires = now_ms + static_cast<UnixMs>(Number(1'000'000));
  std::optional<Consent> consent;
  if (Chance(30)) consent = SomeConsent();
  if (choice == 1) return CredentialIssued{id, SomeSecrets(), expires, cause, consent};
  return CredentialRotated{id, SomeSecrets(), expires, cause, consent};
}

Action VariedEvents::OfDirectory(uint64_t choice) {
  if (choice < 3) {
    AccountChanged changed{.account = Person(),
                           .change = static_cast<AccountChange>(1 + Number(5))};
    if (Chance(30)) changed.manager = Person();
    return changed;
  }
  GroupChanged changed;
  changed.group =
      Chance(50) ? Principal::Team(Pick("team", kGroups)) : Principal::Role(Pick("role", kGroups));
  changed.change = Chance(10) ? GroupChange::kDeleted : static_cast<GroupChange>(1 + Number(2));
  if (Chance(50)) changed.name = "group " + std::to_string(Number(5));
  for (uint64_t i = Number(3); i > 0; --i) changed.members_added.push_back(Person());
  for (uint64_t i = Number(2); i > 0; --i) changed.members_removed.push_back(Person());
  return changed;
}

Action VariedEvents::OfOthers(uint64_t choice, UnixMs now_ms) {
  const WorkflowId workflow{Pick("workflow", 3)};
  const KeyId key{Pick("key", 3)};
  const Uuid integration = Pick("integration", 2);
  const Uuid review = Pick("review", 2);
  const ConnectionId connection{Pick("connection", kConnections)};
  switch (choice) {
    case 0:
    case 1: {
      WorkflowSaved saved{.workflow = workflow, .name = "flow " + std::to_string(Number(2))};
      if (Chance(80)) saved.owner = Person();
      saved.run_as = static_cast<RunAs>(1 + Number(3));
      if (Chance(20)) saved.run_as_account = Person();
      if (Chance(40)) saved.editors.push_back(Person());
      saved.steps.push_back({"one", "call", connection});
      if (Chance(50)) saved.steps.push_back({"two", "wait", {}});
      return saved;
    }
    case 2:
      return WorkflowDeleted{workflow};
    case 3:
      return IntegrationConnected{integration, "slack", "account " + std::to_string(Number(2)),
                                  SomeSecrets(), SomeConsent()};
    case 4:
      return IntegrationDisconnected{integration};
    case 5:
      return ReviewOpened{.review = review, .name = "yearly", .query = "all", .items = Number(9)};
    case 6:
      return ReviewDecided{.review = review,
                           .connection = connection,
                           .verdict = static_cast<ReviewVerdict>(1 + Number(3))};
    case 7:
      return ReviewClosed{.review = review};
    case 8:
      return FindingSuppressed{.finding = {static_cast<uint8_t>(Number(9))}};
    case 9:
      return FindingReopened{.finding = {static_cast<uint8_t>(Number(9))}};
    case 10:
      return AuditTrailRead{.rows = Number(1000)};
    case 11: {
      KeyCreated created{.key = key, .kind = static_cast<KeyKind>(1 + Number(2)), .name = "key"};
      if (Chance(50)) created.owner = Person();
      created.rights = Number(256);
      if (Chance(30)) created.expires_at_ms = now_ms + static_cast<UnixMs>(Number(100'000));
      return created;
    }
    case 12:
      return KeyRevoked{key};
    case 13:
      return KeyRightsChanged{key, Number(256)};
    default: {
      AttemptUnreadable attempt{.error = "not JSON"};
      if (Chance(50)) attempt.connection = connection;
      return attempt;
    }
  }
}

Action VariedEvents::AnyAction(UnixMs now_ms) {
  const uint64_t kind = Number(100);
  if (kind < 60) return OfConnection(Number(15), now_ms);
  if (kind < 72) return OfCredential(Number(3), now_ms);
  if (kind < 85) return OfDirectory(Number(6));
  return OfOthers(Number(15), now_ms);
}

// Mostly the next number of the producer in its org; sometimes one that leaves a gap, fills one, or
// has been before.
void VariedEvents::GiveNumber(Event& event) {
  event.producer = kProducers[Number(4)];
  uint64_t& high = numbers_[{event.org, event.producer}];
  const uint64_t kind = Number(100);
  if (kind < 75) {
    event.producer_sequence = ++high;
  } else if (kind < 88) {
    high += 2 + Number(3);
    event.producer_sequence = high;
  } else {
    event.producer_sequence = Number(high + 1);
  }
}

void VariedEvents::BecomeObservation(Event& event, UnixMs now_ms) {
  event.authority = Authority::kObservation;
  event.rights = right::kEventIntake;
  if (Chance(50)) event.rights |= right::kBackfill;
  if (Chance(40)) event.recorded_at_ms = now_ms - static_cast<UnixMs>(Number(3000));
  if (Chance(4)) event.refused_by_source = true;
  if (Chance(60)) GiveNumber(event);
}

Event VariedEvents::OfTheLog() {
  Event event;
  event.id = {Id()};
  event.authority = Authority::kLog;
  const uint64_t kind = Number(10);
  if (kind < 6) {
    event.action = Seal{};
  } else if (kind < 8) {
    event.action = RulesActivated{RulesVersion(static_cast<uint32_t>(Number(2)))};
  } else {
    const uint64_t org = Number(2);
    event.org = OrgNumbered(org);
    event.action = OrgOpened{"Org again"};
  }
  if (Chance(10)) event.org = OrgNumbered(0);
  return event;
}

Event VariedEvents::AnyEvent(UnixMs now_ms) {
  if (Chance(5)) return OfTheLog();
  Event event;
  event.id = {Id()};
  event.org = OrgNumbered(Chance(70) ? 0 : 1);
  if (Chance(3)) event.org = OrgNamed("nowhere");
  event.authority = Authority::kIntent;
  event.rights = Chance(85) ? kAdminRights | right::kAuditLogsRead : Number(256);
  if (Chance(97)) event.actor = {.principal = Person(), .kind = ActorKind::kPerson};
  if (Chance(6)) event.actor.application_key = KeyId{Pick("key", 3)};
  if (Chance(40)) BecomeObservation(event, now_ms);
  if (Chance(50)) event.occurred_at_ms = now_ms - static_cast<UnixMs>(Number(100));
  if (Chance(6)) event.expected_revision = Revision(Number(5));
  if (Chance(5)) event.idempotency_key = "key " + std::to_string(Number(6));
  if (Chance(20)) event.request_hash = Digest{static_cast<uint8_t>(1 + Number(3))};
  event.context.interface = static_cast<Interface>(Number(8));
  event.context.reason = "why " + std::to_string(Number(4));
  event.action = AnyAction(now_ms);
  return event;
}

Bytes VariedEvents::Damaged(const Event& event) {
  Bytes bytes = EncodeEvent(event);
  if (Chance(30)) bytes.resize(Number(bytes.size()));
  for (uint64_t i = Number(3); i > 0 && !bytes.empty(); --i) {
    const uint64_t at = Number(bytes.size());
    bytes[at] ^= static_cast<std::byte>(1 + Number(255));
  }
  return bytes;
}

VariedEvents::Record VariedEvents::Next(UnixMs now_ms) {
  Event event;
  if (made_ < 2) {
    event.id = {Id()};
    event.org = OrgNumbered(made_);
    event.authority = Authority::kLog;
    event.action = OrgOpened{made_ == 0 ? "Acme" : "Beta"};
  } else {
    event = AnyEvent(now_ms);
    if (Chance(6)) event = sent_[Number(sent_.size())];
  }
  const bool damages = made_ >= 2 && Chance(3);
  ++made_;
  sent_.push_back(event);
  return {event.org, damages ? Damaged(event) : EncodeEvent(event)};
}

void AppendVariedEvents(VariedEvents& events, size_t count, EventLog& log, ManualClock& clock) {
  for (size_t i = 0; i < count; ++i) {
    const uint64_t kind = events.Number(1000);
    if (kind >= 500 && kind < 800) clock.Pass(1);
    if (kind >= 800 && kind < 980) clock.Pass(static_cast<UnixMs>(events.Number(200)));
    if (kind >= 980 && kind < 990) clock.Pass(-static_cast<UnixMs>(events.Number(1000)));
    if (kind >= 990) clock.Pass(static_cast<UnixMs>(events.Number(5 * kHourMs)));
    const VariedEvents::Record record = events.Next(clock.Now());
    CONNTRAIL_CHECK(log.Append(PartitionId(0), record.org, record.payload).ok());
  }
}

}  // namespace conntrail
