// Rules version 1: credentials of a connection.

#include "projections/fold/decision.h"

namespace conntrail {
namespace {

// The checks that all changes of a credential share; null if one of them has decided.
const Connection* ChangeableConnection(Decision& d, const ConnectionId& id) {
  const Connection* known = d.LiveConnection(id);
  if (known == nullptr) return nullptr;
  if (!d.RequireRight(right::kConnectionsWrite)) return nullptr;
  if (!d.RequireRelation(*known, Relation::kEditor)) return nullptr;
  if (!d.RequireRevision(known->life.revision)) return nullptr;
  return known;
}

void Changed(Decision& d, Connection connection) {
  d.outcome.slot = connection.slot;
  const EntityKey key = KeyOf(connection.id);
  d.Change(key, std::move(connection));
}

// Issue and rotation differ in what must have been there before.
template <typename Action>
void Give(Decision& d, const Action& action, bool must_be_present) {
  const Connection* known = ChangeableConnection(d, action.connection);
  if (known == nullptr) return;
  if (known->credential.present != must_be_present) {
    if (d.is_intent()) {
      return d.Reject(must_be_present ? Reason::kCredentialMissing : Reason::kCredentialPresent);
    }
    d.Gap(must_be_present ? Reason::kGapUnknownSubject : Reason::kGapAlreadyThere);
  }
  Connection connection = *known;
  if (!must_be_present) {  // nothing of the one before belongs to the new one
    connection.credential.secrets.clear();
    connection.credential.consent.reset();
  }
  TakeSecrets(connection.credential, action.secrets, d.here);
  connection.credential.expires_at_ms = action.expires_at_ms;
  if (connection.credential.secrets.size() > kConnectionFieldsMax) {
    return d.Reject(Reason::kLimitReached);
  }
  if (action.consent) connection.credential.consent = action.consent;
  Changed(d, std::move(connection));
}

}  // namespace

void FoldCredentialGiven(Decision& d, const CredentialIssued& action) { Give(d, action, false); }
void FoldCredentialGiven(Decision& d, const CredentialRotated& action) { Give(d, action, true); }

void FoldCredentialWithdrawn(Decision& d, const CredentialWithdrawn& action) {
  const Connection* known = ChangeableConnection(d, action.connection);
  if (known == nullptr) return;
  if (!known->credential.present) {
    if (d.is_intent()) return d.Reject(Reason::kCredentialMissing);
    return d.Gap(Reason::kGapAlreadyThere);
  }
  // The version and the fingerprints stay: a secret that comes back is recognised.
  Connection connection = *known;
  connection.credential.present = false;
  connection.credential.expires_at_ms.reset();
  Changed(d, std::move(connection));
}

}  // namespace conntrail
