#include "projections/entity_cache.h"

#include <utility>

#include "projections/store/row_codec.h"

namespace conntrail {
namespace {

void Prefetch(const void* memory, size_t bytes) {
  const char* begin = static_cast<const char*>(memory);
  for (size_t line = 0; line < bytes; line += 64) __builtin_prefetch(begin + line);
}

}  // namespace

EntityCache::EntityCache(PartitionId partition, const Store* store, size_t entities_max)
    : partition_(partition), store_(store), entities_max_(entities_max) {}

Result<const Entity*> EntityCache::Find(OrgSlot slot, const EntityKey& key) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Entry* entry, Lookup(slot, key));
  return entry == nullptr ? nullptr : &entry->entity;
}

void EntityCache::FetchAhead(OrgSlot slot, std::span<const EntityKey> keys) {
  for (const EntityKey& key : keys) {
    const auto found = young_.find({slot, key});
    if (found == young_.end() || found->second == nullptr) continue;
    const Entity* entity = &found->second->entity;
    Prefetch(entity, sizeof(Entity));
    fetched_.push_back(entity);
  }
}

void EntityCache::FetchParts() {
  for (const Entity* entity : fetched_) {
    const Connection* connection = std::get_if<Connection>(entity);
    if (connection == nullptr) continue;
    Prefetch(connection->fields.data(), connection->fields.size() * sizeof(Field));
    Prefetch(connection->grants.data(), 1);
  }
  fetched_.clear();
}

void EntityCache::Put(OrgSlot slot, const EntityKey& key, Entity entity, std::string row) {
  // Whoever changes an entity has looked at it before, so it is young; if not, what is stored does
  // not matter any more.
  const CacheKey cache_key{slot, key};
  std::unique_ptr<Entry>& entry = young_[cache_key];
  if (entry == nullptr) entry = std::make_unique<Entry>();
  entry->entity = std::move(entity);
  entry->row = std::move(row);
  if (!entry->changed) changed_.emplace_back(cache_key, entry.get());
  entry->changed = true;
}

void EntityCache::WriteChanges(WriteBatch& batch) {
  for (auto& [key, entry] : changed_) {
    if (entry->row.empty()) entry->row = EncodeEntity(entry->entity);
    batch.Put(Family::kState, keys::EntityRow({partition_, key.slot}, key.key), entry->row);
    entry->row = {};
    entry->changed = false;
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
  if (found != young_.end()) return found->second.get();
  const auto aged = old_.find(cache_key);
  if (aged != old_.end()) {
    std::unique_ptr<Entry> entry = std::move(aged->second);
    old_.erase(aged);
    return (young_[cache_key] = std::move(entry)).get();
  }
  CONNTRAIL_ASSIGN_OR_RETURN(std::unique_ptr<Entry> entry, Load(slot, key));
  return (young_[cache_key] = std::move(entry)).get();
}

Result<std::unique_ptr<EntityCache::Entry>> EntityCache::Load(OrgSlot slot, const EntityKey& key) {
  if (store_ == nullptr) return std::unique_ptr<Entry>();
  if (snapshot_ == nullptr) snapshot_ = store_->NewSnapshot();
  CONNTRAIL_ASSIGN_OR_RETURN(
      const std::optional<std::string> row,
      snapshot_->Get(Family::kState, keys::EntityRow({partition_, slot}, key)));
  if (!row) return std::unique_ptr<Entry>();
  auto entry = std::make_unique<Entry>();
  CONNTRAIL_ASSIGN_OR_RETURN(entry->entity, DecodeEntity(*row));
  return entry;
}

}  // namespace conntrail
