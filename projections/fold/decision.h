#pragma once

#include <utility>

#include "projections/fold/fold.h"

namespace conntrail {

// One event on its way through the rules: what is known, and the outcome as far as it has come.
//
// The rules of each family decide by calling Deny, Reject and so on, and return at once when they
// have, or say what is different now with Change. Within this folder only.
struct Decision {
  const WorkingSet& set;
  const Event& event;
  Outcome& outcome;
  Place here;  // where the record stands in its org's trail

  bool is_intent() const { return event.authority == Authority::kIntent; }
  bool is_observation() const { return event.authority == Authority::kObservation; }

  void Decide(Verdict verdict, Reason reason) {
    outcome.verdict = verdict;
    outcome.reason = reason;
  }
  void Deny(Reason reason) { Decide(Verdict::kDenied, reason); }
  void Reject(Reason reason) { Decide(Verdict::kRejected, reason); }

  // What a source reports does not fit our state: applied as far as it can be, and marked.
  void Gap(Reason reason) {
    outcome.marks |= mark::kGap;
    outcome.reason = reason;
  }

  // `entity`, which is `key`'s, is different from now on. Versioned entities get their next
  // revision; the outcome takes the subject's.
  template <typename T>
  void Change(const EntityKey& key, T entity) {
    if constexpr (requires { entity.life; }) {
      if (entity.life.revision.value == 0) entity.life.created = here;
      entity.life.revision = entity.life.revision.Next();
      entity.life.changed = here;
      if (key == outcome.subject) outcome.revision = entity.life.revision;
    }
    outcome.changes.push_back({key, Entity(std::move(entity))});
  }

  // The rights that count: what the door established, less what the application key has lost since.
  uint64_t rights() const;

  // Checks for intents; each decides and returns false if it is not met. Observations always pass.
  bool RequireRight(uint64_t right);
  bool RequireRelation(const Connection& connection, Relation relation);
  bool RequireRevision(Revision current);

  // The connection of an intent or observation that exists and is not deleted. If there is none,
  // this has rejected the event and returns null.
  const Connection* LiveConnection(const ConnectionId& id);
};

// One function a family, in rules_<family>.cc; `type` of the event is the one named.
void FoldConnectionCreated(Decision& d, const ConnectionCreated& action);
void FoldConnectionEdited(Decision& d, const ConnectionEdited& action);
void FoldConnectionDeleted(Decision& d, const ConnectionDeleted& action);
void FoldConnectionSuspended(Decision& d, const ConnectionId& id, bool suspended);
void FoldCredentialGiven(Decision& d, const CredentialIssued& action);
void FoldCredentialGiven(Decision& d, const CredentialRotated& action);
void FoldCredentialWithdrawn(Decision& d, const CredentialWithdrawn& action);
void FoldPolicyReplaced(Decision& d, const PolicyReplaced& action);
void FoldPolicyPatched(Decision& d, const PolicyPatched& action);
void FoldConnectionUsed(Decision& d, const ConnectionUsed& action);
void FoldAccountChanged(Decision& d, const AccountChanged& action);
void FoldGroupChanged(Decision& d, const GroupChanged& action);
void FoldWorkflowSaved(Decision& d, const WorkflowSaved& action);
void FoldWorkflowDeleted(Decision& d, const WorkflowDeleted& action);
void FoldIntegrationConnected(Decision& d, const IntegrationConnected& action);
void FoldIntegrationDisconnected(Decision& d, const IntegrationDisconnected& action);
void FoldKeyCreated(Decision& d, const KeyCreated& action);
void FoldKeyRevoked(Decision& d, const KeyRevoked& action);
void FoldKeyRightsChanged(Decision& d, const KeyRightsChanged& action);

// Puts `secrets` into `credential` by field, and counts a new version.
void TakeSecrets(Credential& credential, const std::vector<SecretFingerprint>& secrets, Place here);

}  // namespace conntrail
