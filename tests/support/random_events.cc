#include "tests/support/random_events.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "tests/support/event_builder.h"

namespace conntrail {
namespace {

constexpr uint64_t kOrgs = 2;
constexpr uint64_t kPeople = 5;
constexpr uint64_t kConnections = 4;
constexpr uint64_t kGroups = 2;

// IdNamed hashes, and the simulation needs millions of names.
Uuid Named(std::string_view of, uint64_t number) {
  static thread_local std::map<std::pair<std::string, uint64_t>, Uuid> known;
  Uuid& id = known[{std::string(of), number}];
  if (id.is_nil()) id = IdNamed(std::string(of) + std::to_string(number));
  return id;
}

std::vector<SecretFingerprint> SomeSecret(uint64_t number) {
  return {{.field = "token", .digest = {static_cast<uint8_t>(1 + number)}}};
}

}  // namespace

Uuid RandomEvents::Pick(std::string_view of, uint64_t count) { return Named(of, Number(count)); }

Principal RandomEvents::Person() { return Principal::User(Pick("person", kPeople)); }

Principal RandomEvents::Somebody() {
  switch (Number(5)) {
    case 0:
      return Principal::Team(Pick("team", kGroups));
    case 1:
      return Principal::Role(Pick("role", kGroups));
    case 2:
      return Principal::Org({Pick("org", kOrgs)});
    default:
      return Person();
  }
}

Grant RandomEvents::AnyGrant() { return {static_cast<Relation>(1 + Number(3)), Somebody()}; }

Action RandomEvents::OfConnection(uint64_t choice) {
  const ConnectionId id{Pick("connection", kConnections)};
  const std::string text = "value " + std::to_string(Number(3));
  switch (choice) {
    case 0:
      return ConnectionCreated{id, {{"name", text}}, SomeSecret(Number(3)), true};
    case 1:
      return ConnectionEdited{id, {{"region", "value " + std::to_string(Number(3)), text}}, {}};
    case 2:
      return ConnectionDeleted{id, {}, {}};
    case 3:
      return ConnectionSuspended{id};
    case 4:
      return ConnectionResumed{id};
    case 5:
      return CredentialIssued{.connection = id, .secrets = SomeSecret(Number(3))};
    case 6:
      return CredentialRotated{.connection = id, .secrets = SomeSecret(Number(3))};
    case 7:
      return CredentialWithdrawn{.connection = id};
    case 8:
      return PolicyReplaced{
          .connection = id, .grants = {AnyGrant(), AnyGrant()}, .allow_self_lockout = Chance(50)};
    case 9:
      return PolicyReplaced{.connection = id, .restore_default = true};
    case 10:
      return PolicyPatched{.connection = id, .added = {AnyGrant()}, .removed = {AnyGrant()}};
    default:
      return ConnectionUsed{.connection = id, .principal = Person(), .count = 1 + Number(3)};
  }
}

Action RandomEvents::OfOthers(uint64_t choice) {
  const Principal group =
      Chance(50) ? Principal::Team(Pick("team", kGroups)) : Principal::Role(Pick("role", kGroups));
  const WorkflowId workflow{Pick("workflow", 3)};
  const KeyId key{Pick("key", 3)};
  switch (choice) {
    case 0:
      return AccountChanged{.account = Person(),
                            .change = static_cast<AccountChange>(1 + Number(5))};
    case 1:
      return GroupChanged{.group = group,
                          .change = static_cast<GroupChange>(1 + Number(3)),
                          .members_added = {Person()},
                          .members_removed = {Person()}};
    case 2:
      return WorkflowSaved{
          .workflow = workflow,
          .name = "flow",
          .owner = Person(),
          .run_as = RunAs::kOwner,
          .steps = {
              {.step = "1", .action = "a", .connection = ConnectionId{Pick("connection", 4)}}}};
    case 3:
      return WorkflowDeleted{workflow};
    case 4:
      return IntegrationConnected{.integration = Pick("integration", 2), .type = "slack"};
    case 5:
      return KeyCreated{.key = key, .kind = KeyKind::kApplication, .rights = Number(256)};
    case 6:
      return KeyRevoked{key};
    case 7:
      return KeyRightsChanged{key, Number(256)};
    case 8:
      return AuditTrailRead{};
    default:
      return ReviewClosed{.review = Pick("review", 2)};
  }
}

Action RandomEvents::AnyAction() {
  return Chance(75) ? OfConnection(Number(14)) : OfOthers(Number(10));
}

Event RandomEvents::Opening(uint64_t org) {
  Event event;
  event.id = {{random_(), random_() | 1}};
  event.org = {Named("org", org % kOrgs)};
  event.authority = Authority::kLog;
  event.action = OrgOpened{"Org " + std::to_string(org % kOrgs)};
  return event;
}

Event RandomEvents::Next(UnixMs now_ms) {
  Event event;
  event.id = {{random_(), random_() | 1}};
  event.org = {Pick("org", kOrgs)};
  event.authority = Chance(60) ? Authority::kIntent : Authority::kObservation;
  event.rights = Chance(85) ? kAdminRights : Number(256);
  if (event.authority == Authority::kIntent || Chance(50)) {
    event.actor = {.principal = Person(), .kind = ActorKind::kPerson};
  }
  if (Chance(10)) event.actor.application_key = KeyId{Pick("key", 3)};
  if (Chance(10)) event.expected_revision = Revision(Number(6));
  if (Chance(20)) event.request_hash = Digest{static_cast<uint8_t>(1 + Number(3))};
  if (event.authority == Authority::kObservation) {
    if (Chance(50)) {
      event.producer = "source";
      numbers_ += Chance(80) ? 1 : 2;
      event.producer_sequence = numbers_;
    }
    if (Chance(50)) event.recorded_at_ms = now_ms - static_cast<UnixMs>(Number(100'000));
    if (Chance(5)) event.refused_by_source = true;
    if (Chance(50)) event.rights |= right::kBackfill;
  }
  event.action = AnyAction();
  return event;
}

std::string RandomEvents::Garbage() {
  std::string bytes;
  if (Chance(70)) {
    Event event = Next(0);
    event.producer.clear();  // or it uses up the number of another event, which is then refused
    event.producer_sequence.reset();
    bytes = AsText(EncodeEvent(event));
    for (uint64_t i = Number(4); i > 0; --i) bytes[Number(bytes.size())] ^= 1 << Number(8);
    if (Chance(30)) bytes.resize(Number(bytes.size()));
    return bytes;
  }
  bytes.resize(Number(200));
  for (char& byte : bytes) byte = static_cast<char>(random_());
  return bytes;
}

void AppendRandomEvents(RandomEvents& random, size_t count, EventLog& log, ManualClock& clock) {
  std::vector<Event> sent;
  for (size_t i = 0; i < count; ++i) {
    clock.Set(
        std::max<UnixMs>(0, clock.Now() + static_cast<UnixMs>(random.Number(20'000)) - 3'000));
    Event event = random.Next(clock.Now());
    if (i == 0 || random.Chance(2)) event = random.Opening(i);
    if (random.Chance(3)) event.action = Seal{};
    if (event.type() == EventType::kSeal) event.authority = Authority::kLog;
    if (event.type() == EventType::kSeal && i % 4 != 0) event.org = {};  // where it belongs
    if (random.Chance(5)) event.idempotency_key = "key " + std::to_string(random.Number(4));
    if (!sent.empty() && random.Chance(10)) event = sent[random.Number(sent.size())];
    sent.push_back(event);
    Bytes payload = EncodeEvent(event);
    if (random.Chance(5)) payload = ToBytes(AsBytes(random.Garbage()));
    CONNTRAIL_CHECK(log.Append(PartitionId(0), event.org, payload).ok());
  }
}

}  // namespace conntrail
