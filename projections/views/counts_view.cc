#include "projections/views/counts_view.h"

namespace conntrail {
namespace {

// How many records of the trail stand at or before `at`.
Result<uint64_t> RecordsUpTo(const OrgView& org, const Place& at) {
  const auto rows = org.snapshot().NewIterator(Family::kTrail);
  rows->Seek(keys::Trail(org.address(), at));
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  if (!rows->Valid() || !rows->key().starts_with(keys::TrailPrefix(org.address()))) {
    return uint64_t{0};
  }
  return keys::PlaceOf(rows->key()).index.value + 1;
}

}  // namespace

Result<OrgCounts> CountOrg(const OrgView& org, const Moment& at) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Place place, org.Resolve(at));
  OrgCounts counts;
  CONNTRAIL_ASSIGN_OR_RETURN(counts.records, RecordsUpTo(org, place));
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
