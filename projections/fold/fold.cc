#include "projections/fold/fold.h"

#include <algorithm>

#include "events/base/check.h"
#include "events/base/sha256.h"
#include "projections/fold/access.h"
#include "projections/fold/decision.h"

namespace conntrail {
namespace {

bool IsOfTheLog(EventType type) {
  return type == EventType::kOrgOpened || type == EventType::kRulesActivated ||
         type == EventType::kSeal;
}

// Later rules give these a meaning; to rules version 1 they are unknown.
bool IsNotYetInRules(EventType type) {
  return type >= EventType::kReviewOpened && type <= EventType::kFindingReopened;
}

// True if `event` is what an org begins with, and this one has not begun.
bool OpensOrg(const WorkingSet& set, const Event& event) {
  const auto* opened = std::get_if<OrgOpened>(&event.action);
  return opened != nullptr && set.org == nullptr && event.authority == Authority::kLog &&
         !opened->name.empty() && !event.org.uuid.is_nil();
}

// The org whose trail takes the record: its own, null for one that begins with it, else the
// system's.
const OrgState* TrailOf(const WorkingSet& set, const Event& event) {
  if (set.org != nullptr) return set.org;
  return OpensOrg(set, event) ? nullptr : set.system;
}

// design: max(previous effective time of the org, t); t is the append time, or for a backfilling
// observation the earlier of that and the time at which its source recorded it. An org whose past
// follows is opened in the same way: else no time of its past could lie before the opening.
UnixMs EffectiveTime(const WorkingSet& set, const Event& event, const OrgState* trail) {
  UnixMs time_ms = set.append_time_ms;
  const bool backfills = (event.authority == Authority::kObservation || OpensOrg(set, event)) &&
                         (event.rights & right::kBackfill) != 0 && event.recorded_at_ms;
  if (backfills) time_ms = std::min(time_ms, *event.recorded_at_ms);
  const UnixMs previous_ms = trail == nullptr ? 0 : trail->effective_time_ms;
  return std::clamp(time_ms, previous_ms, std::max(previous_ms, kTimeMsMax));
}

Outcome Begin(const WorkingSet& set, const Event& event) {
  const OrgState* trail = TrailOf(set, event);
  Outcome outcome;
  outcome.rules = set.partition.rules;
  outcome.effective_time_ms = EffectiveTime(set, event, trail);
  const bool late = event.authority == Authority::kObservation && event.recorded_at_ms &&
                    *event.recorded_at_ms < outcome.effective_time_ms;
  if (late) outcome.marks |= mark::kLate;
  return outcome;
}

Revision RevisionIn(const WorkingSet& set, const EntityKey& key) {
  Revision revision;
  const auto look = [&]<typename T>(const T* entity) {
    if (entity != nullptr) revision = entity->life.revision;
  };
  switch (key.kind) {
    case EntityKind::kConnection:
      look(set.Find<Connection>(key));
      break;
    case EntityKind::kAccount:
      look(set.Find<Account>(key));
      break;
    case EntityKind::kGroup:
      look(set.Find<Group>(key));
      break;
    case EntityKind::kWorkflow:
      look(set.Find<Workflow>(key));
      break;
    case EntityKind::kIntegration:
      look(set.Find<Integration>(key));
      break;
    case EntityKind::kKey:
      look(set.Find<AccessKey>(key));
      break;
    default:
      break;
  }
  return revision;
}

// Step "org/partition". True if the event is in its place.
bool IsRouted(Decision& d) {
  if (d.event.type() == EventType::kOrgOpened || d.set.org != nullptr) return true;
  d.Decide(Verdict::kMisrouted, Reason::kOrgNotOpened);
  return false;
}

bool IsInWindow(const Decision& d) {
  if (!d.set.seen) return false;
  const Place& seen = d.set.seen->place;
  return d.here.time_ms - seen.time_ms <= kIdempotencyWindowMs &&
         d.here.index.value - seen.index.value <= kIdempotencyWindowRecords;
}

// Step "duplicate", by the producer's number. Whatever becomes of a new number's event, its
// producer has come this far.
bool IsNewOfItsProducer(Decision& d) {
  const Event& event = d.event;
  if (event.producer.empty() || event.producer_sequence.value_or(0) == 0) return true;
  const EntityKey key = ProducerKeyOf(event.producer);
  const Producer* known = d.set.Find<Producer>(key);
  if (known != nullptr && known->HasSeen(*event.producer_sequence)) {
    d.Decide(Verdict::kDuplicate, Reason::kNone);
    if (IsInWindow(d)) d.outcome.first = d.set.seen->place.index;
    return false;
  }
  Producer producer = known != nullptr ? *known : Producer{.name = event.producer};
  if (producer.Advance(*event.producer_sequence)) d.outcome.marks |= mark::kProducerGap;
  producer.last = d.here;
  d.Change(key, std::move(producer));
  return true;
}

// Step "duplicate", by the idempotency key.
bool IsNewRequest(Decision& d) {
  if (!IsInWindow(d)) return true;
  d.outcome.first = d.set.seen->place.index;
  if (d.set.seen->same_request) {
    d.Decide(Verdict::kDuplicate, Reason::kNone);
  } else {
    d.Decide(Verdict::kConflict, Reason::kRequestDiffers);
  }
  return false;
}

// Steps "known type" and "valid".
bool IsKnownAndValid(Decision& d) {
  const Event& event = d.event;
  if (IsNotYetInRules(event.type())) {
    d.Decide(Verdict::kUnsupported, Reason::kNotYetInRules);
    return false;
  }
  const bool of_the_log = event.authority == Authority::kLog;
  if (event.authority == Authority::kUnspecified || of_the_log != IsOfTheLog(event.type()) ||
      (event.type() == EventType::kAttemptUnreadable && !d.is_observation()) ||
      (event.refused_by_source && !d.is_observation())) {
    d.Decide(Verdict::kInvalid, Reason::kAuthorityNotAllowed);
    return false;
  }
  if (event.producer_sequence == uint64_t{0}) {
    d.Decide(Verdict::kInvalid, Reason::kInvalidField);
    return false;
  }
  return true;
}

// False if a key is known and has been revoked or has expired. Keys of which nothing was ever said
// are the door's to judge.
bool KeyCounts(Decision& d, const KeyId& id) {
  const AccessKey* key = d.set.Find<AccessKey>(KeyOf(id));
  const bool expired =
      key != nullptr && key->expires_at_ms && *key->expires_at_ms <= d.here.time_ms;
  if (key == nullptr || (!key->life.deleted && !expired)) return true;
  d.Deny(Reason::kKeyRevoked);
  return false;
}

// Step "authorized", the part that does not depend on the subject.
bool MayAct(Decision& d) {
  if (!d.is_intent()) return true;
  const Actor& actor = d.event.actor;
  if (!actor.principal || !actor.principal->is_account()) {
    d.Deny(Reason::kActorRequired);
    return false;
  }
  const Account* account = d.set.Find<Account>(KeyOf(*actor.principal));
  if (account != nullptr && (!account->active || account->life.deleted)) {
    d.Deny(Reason::kAccountInactive);
    return false;
  }
  return actor.application_key ? KeyCounts(d, *actor.application_key) : true;
}

void FoldOrgOpened(Decision& d, const OrgOpened& action) {
  if (d.set.org != nullptr) return d.Reject(Reason::kOrgExists);
  if (!OpensOrg(d.set, d.event)) return d.Decide(Verdict::kInvalid, Reason::kInvalidField);
  d.outcome.opens_org = action.name;
}

void FoldRulesActivated(Decision& d, const RulesActivated& action) {
  if (d.set.org != d.set.system) return d.Decide(Verdict::kMisrouted, Reason::kOrgNotOpened);
  if (action.version <= d.set.partition.rules) return d.Reject(Reason::kRulesNotNewer);
  d.outcome.activates_rules = action.version;
}

void FoldSeal(Decision& d) {
  if (d.set.org != d.set.system) return d.Decide(Verdict::kMisrouted, Reason::kOrgNotOpened);
  const PartitionState& partition = d.set.partition;
  if (partition.seals > 0 &&
      d.set.append_time_ms < partition.last_seal_append_ms + kSealIntervalMs) {
    return d.Reject(Reason::kSealTooEarly);
  }
  d.outcome.seals = true;
}

// The action's own rules. An overload for each alternative of Action: a new one does not compile
// until it has its rules.
struct ActionRules {
  Decision& d;

  void operator()(const std::monostate&) { d.Decide(Verdict::kUnsupported, Reason::kUnknownType); }
  void operator()(const ConnectionCreated& a) { FoldConnectionCreated(d, a); }
  void operator()(const ConnectionEdited& a) { FoldConnectionEdited(d, a); }
  void operator()(const ConnectionDeleted& a) { FoldConnectionDeleted(d, a); }
  void operator()(const ConnectionSuspended& a) { FoldConnectionSuspended(d, a.connection, true); }
  void operator()(const ConnectionResumed& a) { FoldConnectionSuspended(d, a.connection, false); }
  void operator()(const CredentialIssued& a) { FoldCredentialGiven(d, a); }
  void operator()(const CredentialRotated& a) { FoldCredentialGiven(d, a); }
  void operator()(const CredentialWithdrawn& a) { FoldCredentialWithdrawn(d, a); }
  void operator()(const PolicyReplaced& a) { FoldPolicyReplaced(d, a); }
  void operator()(const PolicyPatched& a) { FoldPolicyPatched(d, a); }
  void operator()(const ConnectionUsed& a) { FoldConnectionUsed(d, a); }
  void operator()(const AccountChanged& a) { FoldAccountChanged(d, a); }
  void operator()(const GroupChanged& a) { FoldGroupChanged(d, a); }
  void operator()(const WorkflowSaved& a) { FoldWorkflowSaved(d, a); }
  void operator()(const WorkflowDeleted& a) { FoldWorkflowDeleted(d, a); }
  void operator()(const IntegrationConnected& a) { FoldIntegrationConnected(d, a); }
  void operator()(const IntegrationDisconnected& a) { FoldIntegrationDisconnected(d, a); }
  void operator()(const ReviewOpened&) { NotYet(); }
  void operator()(const ReviewDecided&) { NotYet(); }
  void operator()(const ReviewClosed&) { NotYet(); }
  void operator()(const FindingSuppressed&) { NotYet(); }
  void operator()(const FindingReopened&) { NotYet(); }
  void operator()(const AuditTrailRead&) { d.RequireRight(right::kAuditLogsRead); }
  void operator()(const KeyCreated& a) { FoldKeyCreated(d, a); }
  void operator()(const KeyRevoked& a) { FoldKeyRevoked(d, a); }
  void operator()(const KeyRightsChanged& a) { FoldKeyRightsChanged(d, a); }
  void operator()(const OrgOpened& a) { FoldOrgOpened(d, a); }
  void operator()(const RulesActivated& a) { FoldRulesActivated(d, a); }
  void operator()(const Seal&) { FoldSeal(d); }
  void operator()(const AttemptUnreadable&) {
    d.Decide(Verdict::kInvalid, Reason::kMalformedAtSource);
  }

 private:
  void NotYet() { d.Decide(Verdict::kUnsupported, Reason::kNotYetInRules); }
};

// Each version is frozen with the digests of its logs (tests/golden/digests.txt): a change of
// meaning is a version of its own.
void FoldRulesVersion1(Decision& d) {
  if (!IsRouted(d)) return;
  if (d.set.org != nullptr && (!IsNewOfItsProducer(d) || !IsNewRequest(d))) return;
  if (!IsKnownAndValid(d)) return;
  if (d.event.refused_by_source) return d.Deny(Reason::kRefusedBySource);
  if (!MayAct(d)) return;

  // Applied unless the action's rules say otherwise.
  d.outcome.verdict = Verdict::kApplied;
  std::visit(ActionRules{d}, d.event.action);
}

// What an API key is worth was the door's to say, once. An intent that stood in the log behind the
// key's revocation was carried out all the same.
bool ApiKeyCounts(Decision& d) {
  const std::optional<KeyId>& key = d.event.actor.api_key;
  return !d.is_intent() || !key || KeyCounts(d, *key);
}

void FoldRulesVersion2(Decision& d) {
  if (!IsRouted(d)) return;
  if (d.set.org != nullptr && (!IsNewOfItsProducer(d) || !IsNewRequest(d))) return;
  if (!IsKnownAndValid(d)) return;
  if (d.event.refused_by_source) return d.Deny(Reason::kRefusedBySource);
  if (!MayAct(d) || !ApiKeyCounts(d)) return;

  d.outcome.verdict = Verdict::kApplied;
  std::visit(ActionRules{d}, d.event.action);
}

}  // namespace

Uuid IdempotencyKeyOf(const Event& event) {
  if (event.idempotency_key.empty()) return event.id.uuid;
  const Digest digest = Sha256(AsBytes(event.idempotency_key));
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), 16);
  return {ReadBigEndian(bytes.substr(0, 8)), ReadBigEndian(bytes.substr(8))};
}

Outcome Fold(const WorkingSet& set, const Event& event) {
  CONNTRAIL_CHECK(set.partition.rules <= kRulesVersionMax && set.system != nullptr);
  Outcome outcome = Begin(set, event);
  const OrgState* trail = TrailOf(set, event);
  Decision d{set,
             event,
             outcome,
             {outcome.effective_time_ms, trail == nullptr ? OrgIndex(0) : trail->next_index}};
  if (trail == set.org || trail == nullptr) outcome.subject = SubjectOf(event);
  outcome.revision = RevisionIn(set, outcome.subject);
  if (set.partition.rules < kRulesVersionApiKeys) {
    FoldRulesVersion1(d);
  } else {
    FoldRulesVersion2(d);
  }
  return outcome;
}

Outcome FoldFault(const WorkingSet& set, const DecodedEvent& decoded) {
  CONNTRAIL_CHECK(decoded.fault != DecodeFault::kNone && set.system != nullptr);
  Event event = decoded.event;
  event.action = {};
  Outcome outcome = Begin(set, event);
  switch (decoded.fault) {
    case DecodeFault::kNone:
    case DecodeFault::kNotAnEvent:
      outcome.verdict = Verdict::kMalformed;
      outcome.reason = Reason::kNotAnEvent;
      break;
    case DecodeFault::kUnknownType:
      outcome.verdict = Verdict::kUnsupported;
      outcome.reason = Reason::kUnknownType;
      break;
    case DecodeFault::kInvalid:
      outcome.verdict = Verdict::kInvalid;
      outcome.reason = Reason::kInvalidField;
      break;
  }
  return outcome;
}

}  // namespace conntrail
