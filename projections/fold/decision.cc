#include "projections/fold/decision.h"

#include "projections/fold/access.h"

namespace conntrail {

uint64_t Decision::rights() const {
  uint64_t rights = event.rights;
  if (event.actor.application_key) {
    const AccessKey* key = set.Find<AccessKey>(KeyOf(*event.actor.application_key));
    if (key != nullptr) rights &= key->rights;
  }
  return rights;
}

bool Decision::RequireRight(uint64_t right) {
  if (!is_intent() || (rights() & right) == right) return true;
  Deny(Reason::kRightRequired);
  return false;
}

bool Decision::RequireRelation(const Connection& connection, Relation relation) {
  if (!is_intent()) return true;
  if (RelationOf(set, connection, *event.actor.principal) >= relation) return true;
  Deny(relation == Relation::kEditor     ? Reason::kEditorRequired
       : relation == Relation::kResolver ? Reason::kResolverRequired
                                         : Reason::kViewerRequired);
  return false;
}

bool Decision::RequireRevision(Revision current) {
  if (!event.expected_revision || *event.expected_revision == current) return true;
  Decide(Verdict::kConflict, Reason::kRevisionDiffers);
  return false;
}

const Connection* Decision::LiveConnection(const ConnectionId& id) {
  const Connection* connection = set.Find<Connection>(KeyOf(id));
  if (connection != nullptr && !connection->life.deleted) return connection;
  Reject(Reason::kConnectionNotFound);
  if (is_observation()) outcome.marks |= mark::kGap;
  return nullptr;
}

}  // namespace conntrail
