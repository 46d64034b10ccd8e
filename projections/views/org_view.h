#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "projections/fold/org_state.h"
#include "projections/store/keys.h"
#include "projections/store/store.h"
#include "projections/store/trail_row.h"
#include "projections/views/moment.h"

namespace conntrail {

// One record of a trail with all that is kept of it.
struct TrailRecord {
  TrailLine line;
  RulesVersion rules;
  std::optional<uint32_t> slot;
  std::optional<OrgIndex> first;
  UnixMs append_time_ms = 0;
  Bytes event;  // exact bytes as on the log
};

// One org over one snapshot of the store: what all other views read through. Every answer made from
// one OrgView is about the same moment of writing.
//
// Where a method takes a Place, it answers as of right after the last record at or before it.
// Thread-safety: all methods may be called from any thread. The store must outlive it.
class OrgView {
 public:
  // All orgs of a partition, in order of their slots; the system org is the first.
  static Result<std::vector<OrgState>> ListOrgs(const StoreSnapshot& snapshot,
                                                PartitionId partition);

  // The index of the org that `name_or_id`, a name or a UUID, means. kNotFound names the orgs there
  // are; kInvalidArgument: several have that name.
  static Result<size_t> Choose(const std::vector<OrgState>& orgs, const std::string& name_or_id);

  // As Choose among all orgs of the partition.
  static Result<OrgView> Open(std::shared_ptr<const StoreSnapshot> snapshot, PartitionId partition,
                              const std::string& name_or_id);

  // kNotFound: there is no org in that place.
  static Result<OrgView> OpenAt(std::shared_ptr<const StoreSnapshot> snapshot,
                                const keys::OrgAddress& address);

  const OrgState& state() const { return state_; }
  const keys::OrgAddress& address() const { return address_; }
  const StoreSnapshot& snapshot() const { return *snapshot_; }

  // The last place that `moment` sees. kNotFound: no record has that index or number.
  Result<Place> Resolve(const Moment& moment) const;

  // The place of the record with that index. kNotFound: there is none.
  Result<Place> PlaceOf(OrgIndex index) const;

  // The entity as of `at`, deleted or not; nullopt if it did not exist yet.
  Result<std::optional<Entity>> EntityAt(EntityKind kind, const Uuid& id, const Place& at) const;

  // Every entity of that kind that existed at `at`, deleted ones too, in order of id, until `each`
  // returns false.
  Status ForEachEntity(EntityKind kind, const Place& at,
                       const std::function<bool(const Entity&)>& each) const;

  // The uses of one connection, as of now.
  Result<std::vector<Use>> UsesOf(const ConnectionId& connection) const;

  // The producers of this org, as of now.
  Result<std::vector<Producer>> Producers() const;

  // The record at exactly that place. kNotFound: there is none.
  Result<TrailRecord> RecordAt(const Place& place) const;

 private:
  OrgView(std::shared_ptr<const StoreSnapshot> snapshot, keys::OrgAddress address, OrgState state)
      : snapshot_(std::move(snapshot)), address_(address), state_(std::move(state)) {}

  Result<std::optional<Entity>> CurrentEntity(EntityKind kind, const Uuid& id) const;
  Result<Place> PlaceOfSequence(const Moment& moment) const;
  Result<EntityKey> ProducerFor(const std::string& name) const;

  std::shared_ptr<const StoreSnapshot> snapshot_;
  keys::OrgAddress address_;
  OrgState state_;
};

}  // namespace conntrail
