#include "projections/views/counts_view.h"

namespace conntrail {

Result<OrgCounts> CountOrg(const OrgView& org, const Moment& at) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.Resolve(at));
  OrgCounts counts;
  counts.records = org.state().next_index.value;
  counts.by_type = org.state().counts;
  CONNTRAIL_RETURN_IF_ERROR(
      org.ForEachEntity(EntityKind::kConnection, place, [&](const Entity& entity) {
        const Connection* connection = std::get_if<Connection>(&entity);
        if (connection == nullptr) return true;
        if (connection->life.deleted) {
          ++counts.connections_deleted;
          return true;
        }
        ++counts.connections;
        if (connection->suspended) ++counts.connections_suspended;
        if (!connection->has_policy) ++counts.connections_without_policy;
        counts.grants += connection->grants.size();
        return true;
      }));
  const auto count_live = [&](EntityKind kind, uint64_t& count) {
    return org.ForEachEntity(kind, place, [&](const Entity& entity) {
      if (!LifecycleOf(entity)->deleted) ++count;
      return true;
    });
  };
  CONNTRAIL_RETURN_IF_ERROR(count_live(EntityKind::kAccount, counts.accounts));
  CONNTRAIL_RETURN_IF_ERROR(count_live(EntityKind::kGroup, counts.groups));
  return counts;
}

}  // namespace conntrail
