#include "projections/evidence/org_tree.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "events/base/check.h"
#include "projections/evidence/trail_leaf.h"

namespace conntrail {
namespace {

using merkle::Hash;

Status Missing(const char* what, const keys::OrgAddress& org, uint64_t number) {
  return Status::Corruption(fmt::format("{} {} of org slot {} is missing; rebuild the projection",
                                        what, number, org.slot.value));
}

Result<SealedHead> ReadHead(const StoreIterator& rows) {
  CONNTRAIL_ASSIGN_OR_RETURN(const TreeHead head, DecodeHeadRow(rows.value()));
  return SealedHead{keys::CountOf(rows.key()), head};
}

}  // namespace

size_t TileCache::KeyHash::operator()(const Key& key) const {
  const uint64_t mixed =
      key.number * 0x9E3779B97F4A7C15u + key.org.slot.value * 0xC2B2AE3D27D4EB4Fu +
      static_cast<uint64_t>(key.level) * 31 + key.width + (uint64_t{key.org.partition.value} << 48);
  return static_cast<size_t>(mixed ^ mixed >> 29);
}

std::shared_ptr<const TileHashes> TileCache::Find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  items_.splice(items_.begin(), items_, found->second);
  return found->second->second;
}

void TileCache::Insert(const Key& key, std::shared_ptr<const TileHashes> tile) {
  const std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return;
  items_.emplace_front(key, std::move(tile));
  by_key_[key] = items_.begin();
  if (items_.size() <= tiles_max_) return;
  by_key_.erase(items_.back().first);
  items_.pop_back();
}

Result<std::optional<SealedHead>> OrgTree::SealedBy(uint64_t seal) const {
  return ReadHeadBy(org_.snapshot(), org_.address(), seal);
}

Status OrgTree::ForEachSealed(const std::function<bool(const SealedHead&)>& each) const {
  const auto rows = org_.snapshot().NewIterator(Family::kEvidence);
  const keys::Key prefix = keys::HeadPrefix(org_.address());
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, ReadHead(*rows));
    if (!each(head)) break;
  }
  return rows->status();
}

// Heads are sorted by seal and by size alike, so both are found by halving the seals.
Result<std::optional<SealedHead>> OrgTree::SealedUpTo(uint64_t size) const {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<SealedHead> head, LastSealed());
  if (!head || head->head.size <= size) return head;
  uint64_t low = 0, high = head->seal;  // the seal sought is below `high`
  std::optional<SealedHead> best;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> at, SealedBy(middle));
    if (at && at->head.size > size) {
      high = at->seal;
      continue;
    }
    if (at) best = at;
    low = middle + 1;
  }
  return best;
}

Result<std::optional<SealedHead>> OrgTree::SealedFrom(uint64_t size) const {
  CONNTRAIL_ASSIGN_OR_RETURN(std::optional<SealedHead> head, LastSealed());
  if (!head || head->head.size < size) return std::optional<SealedHead>();
  uint64_t low = 0, high = head->seal;  // `head` is at `high`, and none before `low` will do
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<SealedHead> at, SealedBy(middle));
    if (at && at->head.size >= size) {
      head = at;
      high = at->seal;
    } else {
      low = middle + 1;
    }
  }
  return head;
}

// How many hashes that tile has at most in the tree of size().
size_t OrgTree::WidthOf(int level, uint64_t number) const {
  const uint64_t nodes = size() >> (level * kTileLevels);
  const uint64_t before = number * kTileWidth;
  CONNTRAIL_CHECK(nodes > before);
  return static_cast<size_t>(std::min(nodes - before, kTileWidth));
}

Result<Hash> OrgTree::Node(const merkle::NodeId& node) {
  const int level = node.level / kTileLevels;
  const int above = node.level % kTileLevels;
  const uint64_t first = node.index << above;  // at the tile's own level
  const uint64_t number = first / kTileWidth;
  CONNTRAIL_ASSIGN_OR_RETURN(const auto tile, Tile(level, number, WidthOf(level, number)));
  const size_t at = first % kTileWidth;
  const size_t count = size_t{1} << above;
  CONNTRAIL_CHECK(at + count <= tile->size());
  if (count == 1) return (*tile)[at];
  merkle::Hasher hasher;
  TileHashes hashes(tile->begin() + static_cast<ptrdiff_t>(at),
                    tile->begin() + static_cast<ptrdiff_t>(at + count));
  for (; hashes.size() > 1; hashes.resize(hashes.size() / 2)) {
    for (size_t i = 0; i < hashes.size() / 2; ++i) {
      hashes[i] = hasher.Node(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes.front();
}

Result<std::shared_ptr<const TileHashes>> OrgTree::Tile(int level, uint64_t number, size_t width) {
  CONNTRAIL_CHECK(width > 0 && width <= kTileWidth);
  const TileCache::Key key{org_.address(), level, number, width};
  const size_t at = static_cast<size_t>(level);
  if (last_.size() <= at) last_.resize(at + 1);
  if (last_[at].second != nullptr && last_[at].first == key) return last_[at].second;
  std::shared_ptr<const TileHashes> tile = cache_ == nullptr ? nullptr : cache_->Find(key);
  if (tile == nullptr) {
    CONNTRAIL_ASSIGN_OR_RETURN(TileHashes hashes, ReadTile(level, number, width));
    tile = std::make_shared<const TileHashes>(std::move(hashes));
    if (cache_ != nullptr) cache_->Insert(key, tile);
  }
  last_[at] = {key, tile};
  return tile;
}

Result<TileHashes> OrgTree::ReadTile(int level, uint64_t number, size_t width) const {
  TileHashes hashes;
  hashes.reserve(width);
  const uint64_t first = number * kTileWidth;
  if (level == 0) {
    merkle::Hasher hasher;
    CONNTRAIL_RETURN_IF_ERROR(ForEachLeaf(first, first + width, [&](const Leaf& leaf) {
      hashes.push_back(hasher.Leaf(AsBytes(leaf.bytes)));
      return Status::Ok();
    }));
    return hashes;
  }
  const int node_level = level * kTileLevels;
  const auto rows = org_.snapshot().NewIterator(Family::kEvidence);
  rows->Seek(keys::NodeRow(org_.address(), node_level, first));
  for (uint64_t index = first; index < first + width; ++index, rows->Next()) {
    if (!rows->Valid() || rows->key() != keys::NodeRow(org_.address(), node_level, index)) {
      CONNTRAIL_RETURN_IF_ERROR(rows->status());
      return Missing("tree node", org_.address(), index);
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const Hash hash, DecodeHash(rows->value()));
    hashes.push_back(hash);
  }
  return hashes;
}

Status OrgTree::ForEachLeaf(uint64_t begin, uint64_t end,
                            const std::function<Status(const Leaf&)>& each) const {
  CONNTRAIL_CHECK(end <= size());
  if (begin >= end) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const Place first, org_.PlaceOf(OrgIndex(begin)));
  const auto rows = org_.snapshot().NewIterator(Family::kTrail);
  const keys::Key prefix = keys::TrailPrefix(org_.address());
  rows->Seek(keys::Trail(org_.address(), first));
  std::string bytes;
  for (uint64_t index = begin; index < end; ++index, rows->Prev()) {  // the newest comes first
    if (!rows->Valid() || !rows->key().starts_with(prefix)) {
      CONNTRAIL_RETURN_IF_ERROR(rows->status());
      return Missing("record", org_.address(), index);
    }
    TrailRow row;
    CONNTRAIL_RETURN_IF_ERROR(ReadTrailRow(rows->key(), rows->value(), row));
    if (row.line.place.index.value != index) return Missing("record", org_.address(), index);
    bytes.clear();
    AppendLeafOf(bytes, row);
    CONNTRAIL_RETURN_IF_ERROR(each({index, bytes}));
  }
  return Status::Ok();
}

Result<std::optional<SealedHead>> ReadHeadBy(const StoreSnapshot& snapshot,
                                             const keys::OrgAddress& org, uint64_t seal) {
  const auto rows = snapshot.NewIterator(Family::kEvidence);
  rows->Seek(keys::HeadRow(org, seal));
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  if (!rows->Valid() || !rows->key().starts_with(keys::HeadPrefix(org))) {
    return std::optional<SealedHead>();
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const SealedHead head, ReadHead(*rows));
  return std::optional(head);
}

Result<std::optional<SealRow>> ReadSeal(const StoreSnapshot& snapshot, PartitionId partition,
                                        uint64_t number) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                             snapshot.Get(Family::kEvidence, keys::SealRow(partition, number)));
  if (!row) return std::optional<SealRow>();
  CONNTRAIL_ASSIGN_OR_RETURN(const SealRow seal, DecodeSealRow(*row));
  return std::optional(seal);
}

Result<std::optional<NumberedSeal>> LastSeal(const StoreSnapshot& snapshot, PartitionId partition) {
  const auto rows = snapshot.NewIterator(Family::kEvidence);
  const keys::Key prefix = keys::SealPrefix(partition);
  rows->Seek(prefix);
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  if (!rows->Valid() || !rows->key().starts_with(prefix)) return std::optional<NumberedSeal>();
  CONNTRAIL_ASSIGN_OR_RETURN(const SealRow seal, DecodeSealRow(rows->value()));
  return std::optional(NumberedSeal{keys::CountOf(rows->key()), seal});
}

Result<std::optional<NumberedSeal>> LastDissent(const StoreSnapshot& snapshot,
                                                PartitionId partition) {
  const auto rows = snapshot.NewIterator(Family::kEvidence);
  const keys::Key prefix = keys::DissentPrefix(partition);
  rows->Seek(prefix);
  CONNTRAIL_RETURN_IF_ERROR(rows->status());
  if (!rows->Valid() || !rows->key().starts_with(prefix)) return std::optional<NumberedSeal>();
  NumberedSeal dissent;
  dissent.number = keys::CountOf(rows->key());
  CONNTRAIL_ASSIGN_OR_RETURN(dissent.seal.heads_root, DecodeHash(rows->value()));
  return std::optional(dissent);
}

}  // namespace conntrail
