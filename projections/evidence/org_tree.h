#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "projections/evidence/evidence_rows.h"
#include "projections/merkle/proof.h"
#include "projections/views/org_view.h"

namespace conntrail {

// The hashes of one level of a tile of C2SP tlog-tiles: up to 256 of them.
using TileHashes = std::vector<merkle::Hash>;

// Tiles that were needed of late, of any orgs of one log. What is in it never changes, because what
// a log has written never does. Thread-safe.
class TileCache {
 public:
  explicit TileCache(size_t tiles_max = 8192) : tiles_max_(tiles_max) {}  // 8 KiB each

  struct Key {
    keys::OrgAddress org;
    int level = 0;  // of tiles
    uint64_t number = 0;
    size_t width = 0;

    auto operator<=>(const Key&) const = default;
  };
  std::shared_ptr<const TileHashes> Find(const Key& key);
  void Insert(const Key& key, std::shared_ptr<const TileHashes> tile);

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  using Item = std::pair<Key, std::shared_ptr<const TileHashes>>;

  const size_t tiles_max_;
  std::mutex mutex_;
  std::list<Item> items_;  // used last first
  std::unordered_map<Key, std::list<Item>::iterator, KeyHash> by_key_;
};

// The head of a tree at a seal.
struct SealedHead {
  uint64_t seal = 0;
  TreeHead head;
};

// The tree over the trail of one org, over one snapshot: where proofs, tiles and entries are read
// from. One thread's; what it was made from must outlive it.
class OrgTree final : public merkle::NodeSource {
 public:
  static constexpr int kTileLevels = 8;  // levels of nodes a tile has
  static constexpr uint64_t kTileWidth = 256;

  // `cache` may be null.
  explicit OrgTree(const OrgView& org, TileCache* cache = nullptr) : org_(org), cache_(cache) {}

  // How many leaves there are; more than are sealed, mostly.
  uint64_t size() const { return org_.state().next_index.value; }

  // The last head that was sealed, or the last one up to seal number `seal`. nullopt: none.
  Result<std::optional<SealedHead>> LastSealed() const { return SealedBy(~uint64_t{0}); }
  Result<std::optional<SealedHead>> SealedBy(uint64_t seal) const;

  // The last sealed head of at most, and the first of at least `size` leaves. nullopt: none.
  Result<std::optional<SealedHead>> SealedUpTo(uint64_t size) const;
  Result<std::optional<SealedHead>> SealedFrom(uint64_t size) const;

  // All sealed heads, newest first, until `each` returns false.
  Status ForEachSealed(const std::function<bool(const SealedHead&)>& each) const;

  // REQUIRES: the node is complete in a tree of size().
  Result<merkle::Hash> Node(const merkle::NodeId& node) override;

  // Hashes [256 * number, 256 * number + width) of that level of tiles (level 0: of the leaves).
  // REQUIRES: 1 <= width <= 256; they are complete.
  Result<std::shared_ptr<const TileHashes>> Tile(int level, uint64_t number, size_t width);

  // Calls `each` with the leaves [begin, end), in their order. `time` is what the leaf says.
  // REQUIRES: end <= size().
  struct Leaf {
    uint64_t index = 0;
    std::string_view bytes;  // head and content; until `each` returns
  };
  Status ForEachLeaf(uint64_t begin, uint64_t end,
                     const std::function<Status(const Leaf&)>& each) const;

 private:
  Result<TileHashes> ReadTile(int level, uint64_t number, size_t width) const;
  size_t WidthOf(int level, uint64_t number) const;

  const OrgView& org_;
  TileCache* const cache_;
  // The tile that was used last at each level: the next hash mostly comes from it, too.
  std::vector<std::pair<TileCache::Key, std::shared_ptr<const TileHashes>>> last_;
};

// The head of that org's tree at the last seal up to number `seal`. nullopt: it had none yet.
Result<std::optional<SealedHead>> ReadHeadBy(const StoreSnapshot& snapshot,
                                             const keys::OrgAddress& org, uint64_t seal);

// The seal with that number, or the last one. nullopt: there is none.
Result<std::optional<SealRow>> ReadSeal(const StoreSnapshot& snapshot, PartitionId partition,
                                        uint64_t number);
struct NumberedSeal {
  uint64_t number = 0;
  SealRow seal;
};
Result<std::optional<NumberedSeal>> LastSeal(const StoreSnapshot& snapshot, PartitionId partition);

// The last seal for which another node says to have computed something else than was computed here,
// with what it says. nullopt: none.
Result<std::optional<NumberedSeal>> LastDissent(const StoreSnapshot& snapshot,
                                                PartitionId partition);

}  // namespace conntrail
