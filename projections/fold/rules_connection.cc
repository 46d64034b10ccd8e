// Rules version 1: connections.

#include <algorithm>

#include "projections/fold/access.h"
#include "projections/fold/decision.h"

namespace conntrail {
namespace {

constexpr size_t kNameBytesMax = 255;

bool IsName(const FieldValue* value) {
  const std::string* name = value == nullptr ? nullptr : std::get_if<std::string>(value);
  if (name == nullptr || name->empty() || name->size() > kNameBytesMax) return false;
  return std::none_of(name->begin(), name->end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Connection NewConnection(const Decision& d, const ConnectionId& id) {
  Connection connection;
  connection.id = id;
  connection.slot = d.set.org->connection_slots + 1;
  connection.created_by = d.event.actor.principal;
  return connection;
}

void Changed(Decision& d, Connection connection) {
  if (connection.fields.size() > kConnectionFieldsMax ||
      connection.credential.secrets.size() > kConnectionFieldsMax) {
    d.outcome.takes_slot = false;
    return d.Reject(Reason::kLimitReached);
  }
  d.outcome.slot = connection.slot;
  const EntityKey key = KeyOf(connection.id);
  d.Change(key, std::move(connection));
}

// What an edit asks for, put to `connection`; an observation's before that is not our state is a
// gap.
void ApplyChanges(Decision& d, const std::vector<FieldChange>& changes, Connection& connection) {
  for (const FieldChange& change : changes) {
    const FieldValue* current = FindField(connection.fields, change.path);
    const bool before_fits =
        current == nullptr ? change.before.index() == 0 : *current == change.before;
    if (d.is_observation() && !before_fits) d.Gap(Reason::kGapBeforeDiffers);
    SetField(connection.fields, change.path, change.after);
  }
}

// A secret is no field, so a change of its path to nothing can only mean that the secret is gone:
// its fingerprint must not be taken for one that is still in use. With the last one the credential
// is gone.
void DropSecrets(const std::vector<FieldChange>& changes, Credential& credential) {
  const size_t before = credential.secrets.size();
  for (const FieldChange& change : changes) {
    if (change.after.index() != 0) continue;
    std::erase_if(credential.secrets,
                  [&](const SecretFingerprint& secret) { return secret.field == change.path; });
  }
  if (before != 0 && credential.secrets.empty()) credential.present = false;
}

// What an edit says about secrets. Clients send all of a credential whenever they edit anything of
// it: the secrets that an intent finds here already are no rotation.
void ApplySecrets(Decision& d, const ConnectionEdited& action, Credential& credential) {
  DropSecrets(action.changes, credential);
  std::vector<SecretFingerprint> secrets = action.secrets;
  if (d.is_intent() && credential.present) {
    std::erase_if(secrets, [&](const SecretFingerprint& secret) {
      return std::find(credential.secrets.begin(), credential.secrets.end(), secret) !=
             credential.secrets.end();
    });
  }
  if (!secrets.empty()) TakeSecrets(credential, secrets, d.here);
}

bool Touches(const ConnectionEdited& action, std::string_view path) {
  return std::any_of(action.changes.begin(), action.changes.end(),
                     [&](const FieldChange& change) { return change.path == path; });
}

bool ChangesIntegrationType(const Connection& connection, const ConnectionEdited& action) {
  for (const FieldChange& change : action.changes) {
    if (change.path != "integration.type") continue;
    const FieldValue* current = FindField(connection.fields, change.path);
    if (current == nullptr || *current != change.after) return true;
  }
  return false;
}

}  // namespace

void TakeSecrets(Credential& credential, const std::vector<SecretFingerprint>& secrets,
                 Place here) {
  const auto by_field = [](const SecretFingerprint& a, const SecretFingerprint& b) {
    return a.field < b.field;
  };
  for (const SecretFingerprint& secret : secrets) {
    const auto at =
        std::lower_bound(credential.secrets.begin(), credential.secrets.end(), secret, by_field);
    if (at != credential.secrets.end() && at->field == secret.field) {
      *at = secret;
    } else {
      credential.secrets.insert(at, secret);
    }
  }
  credential.present = true;
  ++credential.version;
  credential.issued = here;
}

void FoldConnectionCreated(Decision& d, const ConnectionCreated& action) {
  const Connection* known = d.set.Find<Connection>(KeyOf(action.connection));
  if (d.is_intent()) {
    if (!IsName(FindField(action.fields, "name"))) {
      return d.Decide(Verdict::kInvalid, Reason::kNameRequired);
    }
    if (!d.RequireRight(right::kConnectionsWrite)) return;
    if (known != nullptr) return d.Reject(Reason::kConnectionExists);
    if (!d.RequireRevision(Revision(0))) return;
  }
  Connection connection;
  if (known == nullptr) {
    connection = NewConnection(d, action.connection);
    d.outcome.takes_slot = true;
  } else {
    // A source made anew what it had made before. The id stays one story; what it was ends here.
    connection = NewConnection(d, action.connection);
    connection.slot = known->slot;
    connection.life = known->life;
    connection.life.deleted = false;
    d.Gap(Reason::kGapAlreadyExists);
  }
  connection.fields = action.fields;
  if (action.has_credential || !action.secrets.empty()) {
    TakeSecrets(connection.credential, action.secrets, d.here);
  }
  Changed(d, std::move(connection));
}

void FoldConnectionEdited(Decision& d, const ConnectionEdited& action) {
  const Connection* known = d.set.Find<Connection>(KeyOf(action.connection));
  if (d.is_observation() && known == nullptr) {
    // An edit of what was never seen created: kept as far as it goes, and marked.
    Connection connection = NewConnection(d, action.connection);
    connection.created_by.reset();
    connection.life.incomplete = true;
    d.outcome.takes_slot = true;
    for (const FieldChange& change : action.changes) {
      SetField(connection.fields, change.path, change.after);
    }
    if (!action.secrets.empty()) TakeSecrets(connection.credential, action.secrets, d.here);
    d.Gap(Reason::kGapUnknownSubject);
    return Changed(d, std::move(connection));
  }
  known = d.LiveConnection(action.connection);
  if (known == nullptr) return;
  if (!d.RequireRight(right::kConnectionsWrite)) return;
  if (!d.RequireRelation(*known, Relation::kEditor)) return;
  if (d.is_intent() && ChangesIntegrationType(*known, action)) {
    return d.Reject(Reason::kIntegrationTypeFixed);
  }
  if (!d.RequireRevision(known->life.revision)) return;

  Connection connection = *known;
  ApplyChanges(d, action.changes, connection);
  // What a source brought here without a good name can be edited all the same.
  if (d.is_intent() && Touches(action, "name") && !IsName(FindField(connection.fields, "name"))) {
    return d.Decide(Verdict::kInvalid, Reason::kNameRequired);
  }
  ApplySecrets(d, action, connection.credential);
  if (connection == *known) {
    if (d.outcome.reason == Reason::kNone) d.outcome.reason = Reason::kNoChange;
    return;
  }
  Changed(d, std::move(connection));
}

void FoldConnectionDeleted(Decision& d, const ConnectionDeleted& action) {
  const Connection* known = d.LiveConnection(action.connection);
  if (known == nullptr) return;
  if (!d.RequireRight(right::kConnectionsWrite)) return;
  if (!d.RequireRelation(*known, Relation::kEditor)) return;
  if (!d.RequireRevision(known->life.revision)) return;
  if (d.is_observation() && !action.last_fields.empty() && action.last_fields != known->fields) {
    d.Gap(Reason::kGapBeforeDiffers);
  }
  // Its grants and its credential end with it; its fields stay, to be read.
  Connection connection = *known;
  connection.life.deleted = true;
  connection.grants.clear();
  connection.credential.present = false;
  Changed(d, std::move(connection));
}

void FoldConnectionSuspended(Decision& d, const ConnectionId& id, bool suspended) {
  const Connection* known = d.LiveConnection(id);
  if (known == nullptr) return;
  if (!d.RequireRight(right::kConnectionsWrite)) return;
  if (!d.RequireRelation(*known, Relation::kEditor)) return;
  if (!d.RequireRevision(known->life.revision)) return;
  if (known->suspended == suspended) {
    if (d.is_observation()) return d.Gap(Reason::kGapAlreadyThere);
    return d.Reject(suspended ? Reason::kConnectionSuspended : Reason::kConnectionNotSuspended);
  }
  Connection connection = *known;
  connection.suspended = suspended;
  Changed(d, std::move(connection));
}

}  // namespace conntrail
