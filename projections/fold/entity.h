#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "events/event.h"

// The state of an org: what the fold reads and changes, as values. Nothing here knows how it is
// stored.
namespace conntrail {

// Stored; never renumber. The kinds below 32 are versioned: each change is kept in the history.
enum class EntityKind : uint8_t {
  kNone = 0,
  kConnection = 1,
  kAccount = 2,
  kGroup = 3,
  kWorkflow = 4,
  kIntegration = 5,
  kKey = 6,
  kOrg = 7,  // subject of records about the org itself; it has no entity of this kind
  kProducer = 32,
  kUse = 33,
};
constexpr bool IsVersioned(EntityKind kind) { return static_cast<uint8_t>(kind) < 32; }
std::string_view EntityKindName(EntityKind kind);
std::optional<EntityKind> ParseEntityKind(std::string_view name);

// Names one entity inside its org. `other` is nil but for uses (the principal) and producers.
struct EntityKey {
  EntityKind kind = EntityKind::kNone;
  Uuid id;
  Uuid other;

  constexpr auto operator<=>(const EntityKey&) const = default;
};
inline EntityKey KeyOf(const ConnectionId& id) { return {EntityKind::kConnection, id.uuid, {}}; }
inline EntityKey KeyOf(const WorkflowId& id) { return {EntityKind::kWorkflow, id.uuid, {}}; }
inline EntityKey KeyOf(const KeyId& id) { return {EntityKind::kKey, id.uuid, {}}; }
// Of an account or a group; kNone for an org.
EntityKey KeyOf(const Principal& principal);
// A producer's name, packed: up to 31 bytes as they are, longer ones as their SHA-256.
EntityKey ProducerKeyOf(std::string_view producer);

// When something came to be or changed: a place in the org's trail.
struct Place {
  UnixMs time_ms = 0;  // effective time
  OrgIndex index;

  constexpr auto operator<=>(const Place&) const = default;
};

// What every versioned entity has.
struct Lifecycle {
  Revision revision;
  Place created;
  Place changed;
  bool deleted = false;
  bool incomplete = false;  // first seen through something other than its creation

  bool operator==(const Lifecycle&) const = default;
};

struct HeldGrant {
  Grant grant;
  Place since;
  bool operator==(const HeldGrant&) const = default;
};

struct Credential {
  bool present = false;
  uint64_t version = 0;                    // grows with every issue and rotation
  std::vector<SecretFingerprint> secrets;  // sorted by field
  std::optional<Place> issued;             // last issue or rotation
  std::optional<UnixMs> expires_at_ms;
  std::optional<Consent> consent;
  bool operator==(const Credential&) const = default;
};

struct Connection {
  ConnectionId id;
  uint32_t slot = 0;  // number in its org, in order of creation, from 1; never reused
  Lifecycle life;
  std::optional<Principal> created_by;
  bool suspended = false;
  bool has_policy = false;        // false: creator is editor, the org viewer
  std::vector<HeldGrant> grants;  // sorted by grant; empty without a policy
  Fields fields;
  Credential credential;
  bool operator==(const Connection&) const = default;

  std::string_view name() const;
};

struct Account {
  Principal id;
  Lifecycle life;
  bool active = true;
  std::optional<Principal> manager;
  std::string user_name;     // this and the next three: empty if nobody has said
  std::string display_name;  //
  std::string email;         //
  std::string external_id;   // the directory's own id of the account
  bool operator==(const Account&) const = default;
};

struct Member {
  Principal principal;
  Place since;
  bool operator==(const Member&) const = default;
};

// A team or a role.
struct Group {
  Principal id;
  Lifecycle life;
  std::string name;
  std::vector<Member> members;  // sorted by principal
  std::string external_id;      // the directory's own id of the group; empty if nobody has said
  bool operator==(const Group&) const = default;

  const Member* FindMember(const Principal& principal) const;
};

struct Workflow {
  WorkflowId id;
  Lifecycle life;
  std::string name;
  std::optional<Principal> owner;
  RunAs run_as = RunAs::kUnspecified;
  std::optional<Principal> run_as_account;
  std::vector<Principal> editors;
  std::vector<WorkflowStep> steps;
  bool operator==(const Workflow&) const = default;
};

struct Integration {
  Uuid id;
  Lifecycle life;
  std::string type;
  std::string account;
  std::vector<SecretFingerprint> secrets;
  std::optional<Consent> consent;
  bool operator==(const Integration&) const = default;
};

struct AccessKey {
  KeyId id;
  Lifecycle life;
  KeyKind kind = KeyKind::kUnspecified;
  std::string name;
  std::optional<Principal> owner;
  Digest digest{};
  uint64_t rights = 0;
  std::optional<UnixMs> expires_at_ms;
  bool operator==(const AccessKey&) const = default;
};

// How far an event producer has come. Numbers at or below `high` have been seen, but for the gaps.
struct Producer {
  // Beyond these the two closest gaps become one: what was never seen is never taken for seen, and
  // what lies between them is recognised by its idempotency key alone.
  static constexpr size_t kGapsMax = 64;

  std::string name;
  uint64_t high = 0;
  std::vector<std::pair<uint64_t, uint64_t>> gaps;  // inclusive, ascending
  Place last;
  bool operator==(const Producer&) const = default;

  bool HasSeen(uint64_t sequence) const;
  // Marks `sequence` as seen; true if that left a new gap before it. A producer may begin anywhere:
  // what stands before its first number is kept as a gap, because it may have been overtaken, but
  // does not count as a new one.
  bool Advance(uint64_t sequence);
};

// The uses of one connection by one principal, or by nobody known.
struct Use {
  ConnectionId connection;
  std::optional<Principal> principal;
  uint64_t count = 0;
  uint64_t automatic = 0;      // of `count`
  uint64_t without_grant = 0;  // of `count`: the principal was no resolver at that time
  UnixMs first_at_ms = 0;
  UnixMs last_at_ms = 0;
  Place last;
  bool operator==(const Use&) const = default;
};

using Entity =
    std::variant<Connection, Account, Group, Workflow, Integration, AccessKey, Producer, Use>;

EntityKind KindOf(const Entity& entity);
// Null for producers and uses.
const Lifecycle* LifecycleOf(const Entity& entity);

}  // namespace conntrail

template <>
struct std::hash<conntrail::EntityKey> {
  size_t operator()(const conntrail::EntityKey& key) const noexcept {
    const std::hash<conntrail::Uuid> mix;
    return mix(key.id) * 31 + mix(key.other) + static_cast<size_t>(key.kind) * 0x9E3779B97F4A7C15u;
  }
};
