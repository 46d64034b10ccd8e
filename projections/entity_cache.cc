#include "projections/entity_cache.h"

#include <utility>

#include "projections/store/row_codec.h"

namespace conntrail {

EntityCache::EntityCache(PartitionId partition, const Store* store, size_t entities_max)
    : partition_(partition), store_(store), entities_max_(entities_max) {}

Result<const Entity*> EntityCache::Find(OrgSlot slot, const EntityKey& key) {
  CONNTRAIL_ASSIGN_OR_RETURN(Entry * entry, Lookup(slot, key));
  return static_cast<const Entity*>(entry->entity.get());
}

void EntityCache::Put(OrgSlot slot, const EntityKey& key, Entity entity, std::string row) {
  // Whoever changes an entity has looked at it before, so it is young; if not, what is stored does
  // not matter any more.
  const auto at = young_.try_emplace({slot, key}).first;
  Entry& entry = at->second;
  if (entry.entity != nullptr) {
    *entry.entity = std::move(entity);
  } else {
    entry.entity = std::make_unique<Entity>(std::move(entity));
  }
  entry.row = std::move(row);
  if (!entry.changed) changed_.push_back(&*at);
  entry.changed = true;
}

void EntityCache::WriteChanges(WriteBatch& batch) {
  for (Map::value_type* changed : changed_) {
    Entry& entry = changed->second;
    const keys::OrgAddress org{partition_, changed->first.slot};
    if (entry.row.empty()) entry.row = EncodeEntity(*entry.entity);
    batch.Put(Family::kState, keys::EntityRow(org, changed->first.key), entry.row);
    entry.row = {};
    entry.changed = false;
  }
  changed_.clear();
  snapshot_.reset();
  if (store_ != nullptr && young_.size() > entities_max_ / 2) {
    old_ = std::move(young_);
    young_ = Map();
  }
}

Result<EntityCache::Entry*> EntityCache::Lookup(OrgSlot slot, const EntityKey& key) {
  const CacheKey cache_key{slot, key};
  const auto found = young_.find(cache_key);
  if (found != young_.end()) return &found->second;
  if (!old_.empty()) {
    auto aged = old_.extract(cache_key);
    if (!aged.empty()) return &young_.insert(std::move(aged)).position->second;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Entity> entity, Load(slot, key));
  Entry& entry = young_[cache_key];
  entry.entity = std::move(entity);
  return &entry;
}

Result<std::unique_ptr<Entity>> EntityCache::Load(OrgSlot slot, const EntityKey& key) {
  if (store_ == nullptr) return std::unique_ptr<Entity>();
  if (snapshot_ == nullptr) snapshot_ = store_->NewSnapshot();
  CONNTRAIL_ASSIGN_OR_RETURN(
      const std::optional<std::string> row,
      snapshot_->Get(Family::kState, keys::EntityRow({partition_, slot}, key)));
  if (!row) return std::unique_ptr<Entity>();
  CONNTRAIL_ASSIGN_OR_RETURN(Entity entity, DecodeEntity(*row));
  return std::make_unique<Entity>(std::move(entity));
}

}  // namespace conntrail
