#include "services/api/visible.h"

#include <algorithm>

#include "projections/views/connection_view.h"
#include "services/api/decision.h"

namespace conntrail::api {

Result<Relation> Visible::RelationOn(const Connection& connection) const {
  Relation relation = Relation::kNone;
  if (caller_.principal) {
    CONNTRAIL_ASSIGN_OR_RETURN(relation, RelationOf(view_, connection, *caller_.principal, at_));
  }
  if (caller_.Has(right::kUserAccessManage)) relation = std::max(relation, Relation::kViewer);
  return relation;
}

Result<Viewed> ViewConnection(const Call& call, const OrgView& view, const ConnectionId& id,
                              const Moment& moment) {
  Viewed viewed;
  CONNTRAIL_ASSIGN_OR_RETURN(viewed.connection, FindConnection(view, id, moment));
  if (viewed.connection.life.deleted) return Status::NotFound("connection not found");
  const Visible visible(call, view, keys::kPlaceMax);
  if (moment.kind == Moment::Kind::kNow) {
    CONNTRAIL_ASSIGN_OR_RETURN(viewed.relation, visible.RelationOn(viewed.connection));
  } else {
    CONNTRAIL_ASSIGN_OR_RETURN(const Connection now, FindConnection(view, id, Moment::Now()));
    CONNTRAIL_ASSIGN_OR_RETURN(viewed.relation, visible.RelationOn(now));
  }
  return viewed;
}

Fault NotVisible() {
  return {.status = 403, .title = "Forbidden", .detail = SentenceOf(Reason::kViewerRequired)};
}

}  // namespace conntrail::api
