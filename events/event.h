#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "events/base/strong_id.h"
#include "events/base/time.h"
#include "events/base/uuid.h"
#include "events/model/field.h"
#include "events/model/principal.h"
#include "events/model/relation.h"

// An Event is one thing that was asked for or has happened, as a value. schemas/event.fbs is the
// same in bytes; event_codec.h turns one into the other. Enum numbers are stored; never renumber.
namespace conntrail {

enum class Authority : uint8_t { kUnspecified = 0, kIntent = 1, kObservation = 2, kLog = 3 };
inline constexpr uint8_t kAuthorityMax = 3;

enum class ActorKind : uint8_t { kUnspecified = 0, kPerson = 1, kService = 2, kSystem = 3 };
inline constexpr uint8_t kActorKindMax = 3;

enum class Interface : uint8_t {
  kUnspecified = 0,
  kUi = 1,
  kApi = 2,
  kTerraform = 3,
  kCli = 4,
  kImport = 5,
  kAgent = 6,
  kPlatform = 7
};
inline constexpr uint8_t kInterfaceMax = 7;

// Bits of Event::rights and of a key.
namespace right {
inline constexpr uint64_t kConnectionsRead = 1u << 0;
inline constexpr uint64_t kConnectionsWrite = 1u << 1;
inline constexpr uint64_t kConnectionsResolve = 1u << 2;
inline constexpr uint64_t kUserAccessManage = 1u << 3;
inline constexpr uint64_t kAuditLogsRead = 1u << 4;
inline constexpr uint64_t kEventIntake = 1u << 5;
inline constexpr uint64_t kOperator = 1u << 6;
inline constexpr uint64_t kBackfill = 1u << 7;
inline constexpr uint64_t kActionsApi = 1u << 8;  // the application key is registered for it
inline constexpr uint64_t kAll = (1u << 9) - 1;
}  // namespace right

using Digest = std::array<uint8_t, 32>;

// Keyed HMAC-SHA-256 of the secret in `field`; see secret/fingerprint.h.
struct SecretFingerprint {
  std::string field;
  Digest digest{};
  bool operator==(const SecretFingerprint&) const = default;
};

struct Consent {
  std::string provider;
  std::string client_id;
  TextList scopes;
  Principal given_by;
  bool operator==(const Consent&) const = default;
};

enum class CredentialCause : uint8_t {
  kUnspecified = 0,
  kAsked = 1,
  kConsent = 2,
  kRefresh = 3,
  kExpiry = 4,
  kRevocation = 5,
  kLeak = 6
};
inline constexpr uint8_t kCredentialCauseMax = 6;
enum class UseMode : uint8_t { kUnspecified = 0, kManual = 1, kAutomatic = 2 };
inline constexpr uint8_t kUseModeMax = 2;
enum class AccountChange : uint8_t {
  kUnspecified = 0,
  kAdded = 1,
  kChanged = 2,
  kDeactivated = 3,
  kReactivated = 4,
  kRemoved = 5
};
inline constexpr uint8_t kAccountChangeMax = 5;
enum class GroupChange : uint8_t { kUnspecified = 0, kCreated = 1, kChanged = 2, kDeleted = 3 };
inline constexpr uint8_t kGroupChangeMax = 3;
enum class RunAs : uint8_t { kUnspecified = 0, kOwner = 1, kInitiator = 2, kServiceAccount = 3 };
inline constexpr uint8_t kRunAsMax = 3;
enum class ReviewVerdict : uint8_t { kUnspecified = 0, kKeep = 1, kRevoke = 2, kReduce = 3 };
inline constexpr uint8_t kReviewVerdictMax = 3;
enum class KeyKind : uint8_t { kUnspecified = 0, kApi = 1, kApplication = 2 };
inline constexpr uint8_t kKeyKindMax = 2;

// ---- actions, in the order of the union in event.fbs. A nil id means that the source gave none.

struct ConnectionCreated {
  ConnectionId connection;
  Fields fields;
  std::vector<SecretFingerprint> secrets;
  bool has_credential = false;  // a credential exists, even if its fingerprints are not known
  bool operator==(const ConnectionCreated&) const = default;
};
// A change to nothing at the path of a secret drops that secret's fingerprint.
struct ConnectionEdited {
  ConnectionId connection;
  std::vector<FieldChange> changes;  // an intent's have no `before`
  std::vector<SecretFingerprint> secrets;
  bool operator==(const ConnectionEdited&) const = default;
};
struct ConnectionDeleted {
  ConnectionId connection;
  Fields last_fields;              // of an observation: its source's last state
  std::vector<Grant> last_grants;  //
  bool operator==(const ConnectionDeleted&) const = default;
};
struct ConnectionSuspended {
  ConnectionId connection;
  bool operator==(const ConnectionSuspended&) const = default;
};
struct ConnectionResumed {
  ConnectionId connection;
  bool operator==(const ConnectionResumed&) const = default;
};
struct CredentialIssued {
  ConnectionId connection;
  std::vector<SecretFingerprint> secrets;
  std::optional<UnixMs> expires_at_ms;
  CredentialCause cause = CredentialCause::kUnspecified;
  std::optional<Consent> consent;
  bool operator==(const CredentialIssued&) const = default;
};
struct CredentialRotated {
  ConnectionId connection;
  std::vector<SecretFingerprint> secrets;
  std::optional<UnixMs> expires_at_ms;
  CredentialCause cause = CredentialCause::kUnspecified;
  std::optional<Consent> consent;
  bool operator==(const CredentialRotated&) const = default;
};
struct CredentialWithdrawn {
  ConnectionId connection;
  CredentialCause cause = CredentialCause::kUnspecified;
  bool operator==(const CredentialWithdrawn&) const = default;
};
struct PolicyReplaced {
  ConnectionId connection;
  std::vector<Grant> grants;
  bool restore_default = false;  // the policy is deleted; `grants` is empty
  bool allow_self_lockout = false;
  bool operator==(const PolicyReplaced&) const = default;
};
struct PolicyPatched {
  ConnectionId connection;
  std::vector<Grant> added;
  std::vector<Grant> removed;
  bool allow_self_lockout = false;
  bool operator==(const PolicyPatched&) const = default;
};
struct ConnectionUsed {
  ConnectionId connection;
  std::optional<Principal> principal;
  UseMode mode = UseMode::kUnspecified;
  std::optional<WorkflowId> workflow;
  std::string step;
  std::optional<Principal> run_as;
  uint64_t count = 1;
  std::optional<UnixMs> first_at_ms;
  std::optional<UnixMs> last_at_ms;
  std::string detail;
  bool operator==(const ConnectionUsed&) const = default;
};
struct AccountChanged {
  Principal account;
  AccountChange change = AccountChange::kUnspecified;
  std::optional<Principal> manager;
  std::string user_name;     // this and the next three: empty: as it was
  std::string display_name;  //
  std::string email;         //
  std::string external_id;   // the directory's own id of the account
  bool operator==(const AccountChanged&) const = default;
};
struct GroupChanged {
  Principal group;
  GroupChange change = GroupChange::kUnspecified;
  std::string name;  // empty: as it was
  std::vector<Principal> members_added;
  std::vector<Principal> members_removed;
  std::string external_id;  // the directory's own id of the group; empty: as it was
  bool operator==(const GroupChanged&) const = default;
};
struct WorkflowStep {
  std::string step;
  std::string action;
  std::optional<ConnectionId> connection;
  bool operator==(const WorkflowStep&) const = default;
};
struct WorkflowSaved {
  WorkflowId workflow;
  std::string name;
  std::optional<Principal> owner;
  RunAs run_as = RunAs::kUnspecified;
  std::optional<Principal> run_as_account;
  std::vector<Principal> editors;
  std::vector<WorkflowStep> steps;
  bool operator==(const WorkflowSaved&) const = default;
};
struct WorkflowDeleted {
  WorkflowId workflow;
  bool operator==(const WorkflowDeleted&) const = default;
};
struct IntegrationConnected {
  Uuid integration;
  std::string type;
  std::string account;
  std::vector<SecretFingerprint> secrets;
  std::optional<Consent> consent;
  bool operator==(const IntegrationConnected&) const = default;
};
struct IntegrationDisconnected {
  Uuid integration;
  bool operator==(const IntegrationDisconnected&) const = default;
};
struct ReviewOpened {
  Uuid review;
  std::string name;
  std::string query;
  std::optional<UnixMs> due_at_ms;
  std::optional<Digest> population_digest;
  uint64_t items = 0;
  std::vector<Principal> reviewers;
  bool operator==(const ReviewOpened&) const = default;
};
struct ReviewDecided {
  Uuid review;
  ConnectionId connection;
  std::optional<Grant> grant;
  ReviewVerdict verdict = ReviewVerdict::kUnspecified;
  Relation reduce_to = Relation::kNone;
  bool operator==(const ReviewDecided&) const = default;
};
struct ReviewClosed {
  Uuid review;
  std::optional<Digest> certificate_digest;
  bool operator==(const ReviewClosed&) const = default;
};
struct FindingSuppressed {
  Digest finding{};
  std::optional<Principal> owner;
  std::optional<UnixMs> expires_at_ms;
  bool operator==(const FindingSuppressed&) const = default;
};
struct FindingReopened {
  Digest finding{};
  bool operator==(const FindingReopened&) const = default;
};
struct AuditTrailRead {
  Digest query_digest{};
  uint64_t rows = 0;
  bool operator==(const AuditTrailRead&) const = default;
};
struct KeyCreated {
  KeyId key;
  KeyKind kind = KeyKind::kUnspecified;
  std::string name;
  std::optional<Principal> owner;
  Digest digest{};
  uint64_t rights = 0;
  std::optional<UnixMs> expires_at_ms;
  bool operator==(const KeyCreated&) const = default;
};
struct KeyRevoked {
  KeyId key;
  bool operator==(const KeyRevoked&) const = default;
};
struct KeyRightsChanged {
  KeyId key;
  uint64_t rights = 0;
  bool operator==(const KeyRightsChanged&) const = default;
};
struct OrgOpened {
  std::string name;
  bool operator==(const OrgOpened&) const = default;
};
struct RulesActivated {
  RulesVersion version;
  bool operator==(const RulesActivated&) const = default;
};
// A head of the tree over the trail of the org with that slot, which the appender has signed.
struct SignedHead {
  uint64_t slot = 0;
  uint64_t size = 0;
  Digest root{};
  bool operator==(const SignedHead&) const = default;
};
// The root over the heads of all orgs at an earlier seal, as the appender has it.
struct SealSeen {
  uint64_t number = 0;
  Digest heads_root{};
  bool operator==(const SealSeen&) const = default;
};
struct Seal {
  // Kept as they are, never judged: what was signed since an earlier seal, and what others compare
  // with what they have.
  std::vector<SignedHead> signed_heads;
  std::optional<SealSeen> seen;
  bool operator==(const Seal&) const = default;
};
struct AttemptUnreadable {
  std::optional<ConnectionId> connection;
  std::string error;
  bool operator==(const AttemptUnreadable&) const = default;
};

// The closed set of what an event can say. The index of an alternative is its number in the union
// of event.fbs, and its EventType.
using Action =
    std::variant<std::monostate, ConnectionCreated, ConnectionEdited, ConnectionDeleted,
                 ConnectionSuspended, ConnectionResumed, CredentialIssued, CredentialRotated,
                 CredentialWithdrawn, PolicyReplaced, PolicyPatched, ConnectionUsed, AccountChanged,
                 GroupChanged, WorkflowSaved, WorkflowDeleted, IntegrationConnected,
                 IntegrationDisconnected, ReviewOpened, ReviewDecided, ReviewClosed,
                 FindingSuppressed, FindingReopened, AuditTrailRead, KeyCreated, KeyRevoked,
                 KeyRightsChanged, OrgOpened, RulesActivated, Seal, AttemptUnreadable>;

// Stored; never renumber.
enum class EventType : uint8_t {
  kNone = 0,
  kConnectionCreated = 1,
  kConnectionEdited = 2,
  kConnectionDeleted = 3,
  kConnectionSuspended = 4,
  kConnectionResumed = 5,
  kCredentialIssued = 6,
  kCredentialRotated = 7,
  kCredentialWithdrawn = 8,
  kPolicyReplaced = 9,
  kPolicyPatched = 10,
  kConnectionUsed = 11,
  kAccountChanged = 12,
  kGroupChanged = 13,
  kWorkflowSaved = 14,
  kWorkflowDeleted = 15,
  kIntegrationConnected = 16,
  kIntegrationDisconnected = 17,
  kReviewOpened = 18,
  kReviewDecided = 19,
  kReviewClosed = 20,
  kFindingSuppressed = 21,
  kFindingReopened = 22,
  kAuditTrailRead = 23,
  kKeyCreated = 24,
  kKeyRevoked = 25,
  kKeyRightsChanged = 26,
  kOrgOpened = 27,
  kRulesActivated = 28,
  kSeal = 29,
  kAttemptUnreadable = 30,
};
inline constexpr uint8_t kEventTypeMax = 30;
static_assert(std::variant_size_v<Action> == kEventTypeMax + 1);

struct Actor {
  std::optional<Principal> principal;
  ActorKind kind = ActorKind::kUnspecified;
  std::optional<KeyId> api_key;
  std::optional<KeyId> application_key;
  bool operator==(const Actor&) const = default;
};

struct Transaction {
  std::string id;
  uint32_t position = 0;
  uint32_t size = 0;
  bool operator==(const Transaction&) const = default;
};

// What describes an event and decides nothing. Empty text means absent.
struct EventContext {
  std::vector<Principal> via;
  Interface interface = Interface::kUnspecified;
  std::string source;
  std::string source_ip;
  std::string user_agent;
  std::string request_id;
  std::string session;
  std::string reason;
  std::string ticket;
  std::string refusal;
  std::string subject_name;
  std::optional<Transaction> transaction;
  bool operator==(const EventContext&) const = default;
};

struct Event {
  uint64_t log_tag = 0;  // first eight bytes of the log id; 0 where the writer did not know it
  EventId id;
  OrgId org;
  Authority authority = Authority::kUnspecified;
  std::optional<UnixMs> occurred_at_ms;  // claimed by the client; decides nothing
  std::optional<UnixMs> recorded_at_ms;  // when the source of an observation recorded it
  Actor actor;
  std::optional<Principal> on_behalf_of;
  std::optional<Principal> approver;
  std::string idempotency_key;  // empty: the event id serves
  std::optional<Digest> request_hash;
  std::optional<Revision> expected_revision;
  std::string producer;
  std::optional<uint64_t> producer_sequence;
  uint64_t rights = 0;
  bool refused_by_source = false;
  EventContext context;
  Action action;

  EventType type() const { return static_cast<EventType>(action.index()); }
  bool operator==(const Event&) const = default;
};

// "connection.created" and so on; also the name in the JSON form and in queries.
std::string_view EventTypeName(EventType type);
std::optional<EventType> ParseEventType(std::string_view name);

}  // namespace conntrail
