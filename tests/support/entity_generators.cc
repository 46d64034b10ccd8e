#include "tests/support/entity_generators.h"

#include "tests/support/event_generators.h"
#include "tests/support/names.h"

namespace conntrail {
namespace {

bool Toss() { return *rc::gen::arbitrary<bool>(); }
uint64_t Number() { return *rc::gen::arbitrary<uint64_t>(); }
UnixMs Time() { return *rc::gen::inRange<UnixMs>(kTimeMsMin, kTimeMsMax); }
Uuid Id() {
  const Principal principal = *AnyPrincipal();
  return principal.id;
}
Place AnyPlace() {
  const UnixMs time_ms = Time();
  return {time_ms, OrgIndex(Number())};
}

template <typename T, typename Make>
std::optional<T> Maybe(Make make) {
  return Toss() ? std::optional<T>(make()) : std::nullopt;
}
template <typename T, typename Make>
std::vector<T> Some(Make make) {
  std::vector<T> items;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) items.push_back(make());
  return items;
}

Principal Somebody() { return *AnyPrincipal(); }
std::string Text() { return *AnyText(); }

template <typename T>
T AnyOf(int max) {
  return static_cast<T>(*rc::gen::inRange(0, max + 1));
}

Lifecycle AnyLife() {
  Lifecycle life;
  life.revision = Revision(Number());
  life.created = AnyPlace();
  life.changed = AnyPlace();
  life.deleted = Toss();
  life.incomplete = Toss();
  return life;
}

std::vector<SecretFingerprint> AnySecrets() {
  return Some<SecretFingerprint>([] {
    SecretFingerprint secret;
    secret.field = Text();
    if (secret.field.empty()) secret.field = "f";
    for (uint8_t& byte : secret.digest) byte = static_cast<uint8_t>(Number());
    return secret;
  });
}

Consent AnyConsent() {
  Consent consent;
  consent.provider = Text();
  consent.client_id = Text();
  FieldValue scopes = Some<std::string>(Text);
  NormalizeValue(scopes);
  consent.scopes = std::get<TextList>(scopes);
  consent.given_by = Somebody();
  return consent;
}

Connection AnyConnection() {
  Connection c;
  c.id = {Id()};
  c.slot = static_cast<uint32_t>(Number());
  c.life = AnyLife();
  c.created_by = Maybe<Principal>(Somebody);
  c.suspended = Toss();
  c.has_policy = Toss();
  c.grants = Some<HeldGrant>([] {
    const auto relation = static_cast<Relation>(*rc::gen::inRange(1, kRelationMax + 1));
    const Principal who = Somebody();
    return HeldGrant{{relation, who}, AnyPlace()};
  });
  c.fields = *AnyFields();
  if (!Toss()) return c;
  c.credential.present = Toss();
  c.credential.version = Number();
  c.credential.secrets = AnySecrets();
  c.credential.issued = Maybe<Place>(AnyPlace);
  c.credential.expires_at_ms = Maybe<UnixMs>(Time);
  c.credential.consent = Maybe<Consent>(AnyConsent);
  return c;
}

Group AnyGroup() {
  Group g;
  g.id = Somebody();
  g.life = AnyLife();
  g.name = Text();
  g.members = Some<Member>([] {
    const Principal who = Somebody();
    return Member{who, AnyPlace()};
  });
  g.external_id = Text();
  return g;
}

Workflow AnyWorkflow() {
  Workflow w;
  w.id = {Id()};
  w.life = AnyLife();
  w.name = Text();
  w.owner = Maybe<Principal>(Somebody);
  w.run_as = AnyOf<RunAs>(kRunAsMax);
  w.run_as_account = Maybe<Principal>(Somebody);
  w.editors = Some<Principal>(Somebody);
  w.steps = Some<WorkflowStep>([] {
    WorkflowStep step;
    step.step = Text();
    step.action = Text();
    step.connection = Maybe<ConnectionId>([] { return ConnectionId{Id()}; });
    return step;
  });
  return w;
}

Integration AnyIntegration() {
  Integration i;
  i.id = Id();
  i.life = AnyLife();
  i.type = Text();
  i.account = Text();
  i.secrets = AnySecrets();
  i.consent = Maybe<Consent>(AnyConsent);
  return i;
}

AccessKey AnyKey() {
  AccessKey k;
  k.id = {Id()};
  k.life = AnyLife();
  k.kind = AnyOf<KeyKind>(kKeyKindMax);
  k.name = Text();
  k.owner = Maybe<Principal>(Somebody);
  for (uint8_t& byte : k.digest) byte = static_cast<uint8_t>(Number());
  k.rights = Number() & right::kAll;
  k.expires_at_ms = Maybe<UnixMs>(Time);
  return k;
}

Producer AnyProducer() {
  Producer p;
  p.name = Text();
  p.high = Number();
  p.gaps = Some<std::pair<uint64_t, uint64_t>>([] {
    const uint64_t low = Number();
    return std::pair(low, Number());
  });
  p.last = AnyPlace();
  return p;
}

Use AnyUse() {
  Use u;
  u.connection = {Id()};
  u.principal = Maybe<Principal>(Somebody);
  u.count = Number();
  u.automatic = Number();
  u.without_grant = Number();
  u.first_at_ms = Time();
  u.last_at_ms = Time();
  u.last = AnyPlace();
  return u;
}

Account AnyAccount() {
  Account a;
  a.id = Somebody();
  a.life = AnyLife();
  a.active = Toss();
  a.manager = Maybe<Principal>(Somebody);
  a.user_name = Text();
  a.display_name = Text();
  a.email = Text();
  a.external_id = Text();
  return a;
}

constexpr Lifecycle kLife{Revision(7), {1001, OrgIndex(11)}, {1002, OrgIndex(12)}, true, true};

}  // namespace

rc::Gen<Entity> AnyEntity() {
  return rc::gen::exec([]() -> Entity {
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        return AnyConnection();
      case 1:
        return AnyAccount();
      case 2:
        return AnyGroup();
      case 3:
        return AnyWorkflow();
      case 4:
        return AnyIntegration();
      case 5:
        return AnyKey();
      case 6:
        return AnyProducer();
      default:
        return AnyUse();
    }
  });
}

rc::Gen<OrgState> AnyOrgState() {
  return rc::gen::exec([] {
    OrgState org;
    org.id = {Id()};
    org.slot = OrgSlot(static_cast<uint32_t>(Number()));
    org.name = Text();
    org.next_index = OrgIndex(Number());
    org.effective_time_ms = Time();
    org.connection_slots = static_cast<uint32_t>(Number());
    org.counts = Some<TypeCount>([] {
      const EventType type = AnyOf<EventType>(kEventTypeMax);
      const auto verdict = static_cast<uint8_t>(*rc::gen::inRange(0, 10));
      return TypeCount{type, verdict, Number()};
    });
    TrailBlock& block = org.open_block;
    block.count = static_cast<uint32_t>(Number());
    block.first = AnyPlace();
    block.last = AnyPlace();
    block.applied_types = Number();
    block.other_types = Number();
    block.verdicts = static_cast<uint16_t>(Number());
    block.marks = static_cast<uint16_t>(Number());
    block.producers = Some<TrailBlock::Numbers>([] {
      TrailBlock::Numbers numbers;
      numbers.producer = {EntityKind::kProducer, Id(), Id()};
      numbers.low = Number();
      numbers.high = Number();
      return numbers;
    });
    return org;
  });
}

std::vector<Entity> SampleEntities() {
  const Principal alice = UserNamed("alice");
  const Principal bob = ServiceNamed("bob");
  const Place place{1003, OrgIndex(13)};
  const std::vector<SecretFingerprint> secrets = {FingerprintNamed("token", "s3cret")};
  const Consent consent{"provider", "client", {"read", "write"}, alice};

  Connection connection;
  connection.id = ConnectionNamed("pager");
  connection.slot = 17;
  connection.life = kLife;
  connection.created_by = alice;
  connection.suspended = true;
  connection.has_policy = true;
  connection.grants = {{{Relation::kViewer, TeamNamed("ops")}, place},
                       {{Relation::kEditor, alice}, place}};
  connection.fields = {{"integration.tries", int64_t{-3}},
                       {"name", std::string("Pager é")},
                       {"shared", true},
                       {"tags", TextList{"a", "b"}}};
  connection.credential = {true, 5, secrets, place, 1004, consent};

  const Account account{.id = bob, .life = kLife, .active = true, .manager = alice};
  const Group group{.id = RoleNamed("on-call"),
                    .life = kLife,
                    .name = "On call",
                    .members = {{alice, place}, {bob, place}}};

  Workflow workflow;
  workflow.id = WorkflowNamed("deploy");
  workflow.life = kLife;
  workflow.name = "Deploy";
  workflow.owner = alice;
  workflow.run_as = RunAs::kServiceAccount;
  workflow.run_as_account = bob;
  workflow.editors = {alice, bob};
  workflow.steps = {{"one", "call", connection.id}, {"two", "wait", {}}};

  const Integration integration{IdNamed("slack"), kLife, "slack", "acme", secrets, consent};

  AccessKey key;
  key.id = KeyNamed("key");
  key.life = kLife;
  key.kind = KeyKind::kApplication;
  key.name = "of the agent";
  key.owner = alice;
  key.digest = {1, 2, 3};
  key.rights = 0x2A;
  key.expires_at_ms = 1005;

  const Producer producer{"import:ci", 99, {{3, 4}, {7, 7}}, place};
  const Use use{connection.id, alice, 21, 8, 2, 1006, 1007, place};
  return {connection, account, group, workflow, integration, key, producer, use};
}

OrgState SampleOrgState() {
  OrgState org;
  org.id = Acme();
  org.slot = OrgSlot(3);
  org.name = "Acme";
  org.next_index = OrgIndex(300);
  org.effective_time_ms = 1008;
  org.connection_slots = 17;
  org.counts = {{EventType::kConnectionCreated, 1, 299}, {EventType::kSeal, 4, 1}};
  org.open_block = {44,
                    {1003, OrgIndex(256)},
                    {1008, OrgIndex(299)},
                    0x2,
                    0x20000000,
                    0x12,
                    0x5,
                    {{{EntityKind::kProducer, IdNamed("a"), IdNamed("b")}, 5, 9}}};
  return org;
}

}  // namespace conntrail
