#include "services/api/visible.h"

#include <algorithm>

#include "projections/views/connection_view.h"
#include "services/api/decision.h"

namespace conntrail::api {

Result<Relation> Visible::RelationOn(const Connection& now) const {
  Relation relation = Relation::kNone;
  if (caller_.principal) {
    CONNTRAIL_ASSIGN_OR_RETURN(relation,
                               RelationOf(view_, now, *caller_.principal, keys::kPlaceMax));
  }
  if (caller_.Has(right::kUserAccessManage)) relation = std::max(relation, Relation::kViewer);
  return relation;
}

Result<Relation> Visible::RelationOn(const ConnectionId& id) const {
  CONNTRAIL_ASSIGN_OR_RETURN(const Connection now, FindConnection(view_, id, Moment::Now()));
  return RelationOn(now);
}

Result<Viewed> ViewConnection(const Call& call, const OrgView& view, const ConnectionId& id,
                              const Moment& moment) {
  Viewed viewed;
  CONNTRAIL_ASSIGN_OR_RETURN(viewed.connection, FindConnection(view, id, moment));
  if (viewed.connection.life.deleted) return Status::NotFound("connection not found");
  CONNTRAIL_ASSIGN_OR_RETURN(viewed.relation, Visible(call, view).RelationOn(id));
  return viewed;
}

Fault NotVisible() {
  return {.status = 403, .title = "Forbidden", .detail = SentenceOf(Reason::kViewerRequired)};
}

}  // namespace conntrail::api
