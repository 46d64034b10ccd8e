#include "services/api/visible.h"

#include <algorithm>

namespace conntrail::api {

Result<Relation> Visible::RelationOn(const Connection& connection) const {
  Relation relation = Relation::kNone;
  if (caller_.principal) {
    CONNTRAIL_ASSIGN_OR_RETURN(relation, RelationOf(view_, connection, *caller_.principal, at_));
  }
  if (caller_.Has(right::kUserAccessManage)) relation = std::max(relation, Relation::kViewer);
  return relation;
}

}  // namespace conntrail::api
