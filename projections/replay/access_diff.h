#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "projections/replay/entity_pairs.h"

namespace conntrail {

// Tells who can do something else with a connection, and which record made it so. One thread's; one
// for all connections of a question, which must outlive it.
class AccessDiff {
 public:
  explicit AccessDiff(const DiffQuestion& question) : question_(question) {}

  // Looks at accounts and groups. Must be called once, before anything else.
  Status Load();

  // True if the access to a connection that is itself equal on both sides may differ.
  bool MayDiffer(const Connection& connection) const;

  // Who differs, sorted by principal. Either side may be null.
  Result<std::vector<AccessDifference>> Compare(const Connection* before, const Connection* after);

 private:
  struct Holding {
    Principal principal;
    Relation relation = Relation::kNone;
    AccessPath path;
  };
  using Holdings = std::map<Principal, Holding>;  // accounts as users
  using Ids = std::set<Uuid>;

  // A change of the members of a group that is known since then or before.
  struct GroupStep {
    TrailLine line;
    std::vector<Uuid> joined;
    std::vector<Uuid> left;
    bool begins = false;  // nothing was known of it before
  };
  struct GroupPast {
    std::optional<Ids> members;    // when the span begins; nullopt: not known then
    std::vector<GroupStep> steps;  // oldest first
  };
  struct Replay;

  Result<const Group*> GroupAt(size_t side, const Uuid& id);
  Result<Holdings> HoldingsOf(size_t side, const Connection* connection);
  Status Attribute(const ConnectionId& id, std::vector<AccessDifference>& differences);
  Status AddConnection(const ConnectionId& id, Replay& replay);
  Status AddGroups(Replay& replay);
  Status AddAccounts(Replay& replay);
  Result<const GroupPast*> PastOf(size_t span, const Uuid& group);

  const DiffQuestion& question_;
  Ids inactive_[2];
  Ids changed_accounts_;  // active on one side only
  Ids changed_groups_;
  std::unordered_map<Uuid, std::optional<Group>> groups_[2];
  std::map<std::pair<size_t, Uuid>, GroupPast> pasts_;
};

}  // namespace conntrail
