#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "projections/store/keys.h"
#include "projections/store/store.h"

namespace conntrail {

// The entities that a projector works on: read from the store when first asked for, changed in
// memory, written back by WriteChanges. One partition's; one thread's.
class EntityCache {
 public:
  // `store` may be null: then nothing is stored yet, and the cache must hold everything until it is
  // written
  // (`entities_max` does not apply). The store must outlive the cache.
  EntityCache(PartitionId partition, const Store* store, size_t entities_max);

  // The entity, or null if it has never existed. Good until the next Put of the same key or the
  // next WriteChanges.
  Result<const Entity*> Find(OrgSlot slot, const EntityKey& key);

  // Most of a record's time goes by waiting for memory. Its look-ups depend on each other, those of
  // different records do not, so the processor can wait for many at once: FetchAhead asks for
  // entities that are in memory, FetchParts for what those point to that were asked for since.
  void FetchAhead(OrgSlot slot, std::span<const EntityKey> keys);
  void FetchParts();

  // `row` is EncodeEntity(entity), or empty where the caller did not need it.
  void Put(OrgSlot slot, const EntityKey& key, Entity entity, std::string row);

  // Appends the rows of all that was Put since the last call, and then forgets what was not used of
  // late.
  void WriteChanges(WriteBatch& batch);

 private:
  struct CacheKey {
    OrgSlot slot;
    EntityKey key;
    bool operator==(const CacheKey&) const = default;
  };
  struct CacheKeyHash {
    using is_avalanching = void;  // boost need not mix it again
    size_t operator()(const CacheKey& k) const noexcept {
      return std::hash<EntityKey>()(k.key) ^ k.slot.value * size_t{0x9E3779B97F4A7C15u};
    }
  };
  struct Entry {
    Entity entity;
    std::string row;       // EncodeEntity(entity), or empty
    bool changed = false;  // since WriteChanges
  };
  using Map = boost::unordered_flat_map<CacheKey, std::unique_ptr<Entry>, CacheKeyHash>;

  // Null in the map stands for what was looked for and is not there.
  Result<Entry*> Lookup(OrgSlot slot, const EntityKey& key);
  Result<std::unique_ptr<Entry>> Load(OrgSlot slot, const EntityKey& key);

  const PartitionId partition_;
  const Store* const store_;
  const size_t entities_max_;
  std::unique_ptr<StoreSnapshot> snapshot_;           // of the last written state
  Map young_;                                         // touched since the last ageing
  Map old_;                                           // touched before it; dropped at the next one
  std::vector<std::pair<CacheKey, Entry*>> changed_;  // all in young_
  std::vector<const Entity*> fetched_;                // since FetchParts
};

}  // namespace conntrail
