#pragma once

#include <optional>

#include "projections/views/access_view.h"
#include "services/api/service.h"

namespace conntrail::api {

// What a caller may see of connections: those on which they hold at least viewer. Who manages
// access sees all of them, as they could give themselves access any time.
class Visible {
 public:
  Visible(const Call& call, const OrgView& view) : caller_(call.caller), view_(view) {}

  // Who may look now may look at the past, too; who may not, may not. kNone if they may not even
  // see it. `now` is the connection as it is now.
  Result<Relation> RelationOn(const Connection& now) const;
  Result<Relation> RelationOn(const ConnectionId& id) const;

 private:
  const Caller& caller_;
  const OrgView& view_;
};

// A connection at some moment, and what the caller holds on it now.
struct Viewed {
  Connection connection;
  Relation relation = Relation::kNone;
};

// kNotFound: there was no such connection then, or it was deleted.
Result<Viewed> ViewConnection(const Call& call, const OrgView& view, const ConnectionId& id,
                              const Moment& moment);

// 403: the caller may not view it.
Fault NotVisible();

}  // namespace conntrail::api
