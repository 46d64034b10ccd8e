#include "tools/verify/tile_nodes.h"

#include <fmt/format.h>

#include "tools/verify/listed_file.h"

namespace conntrail::verify {
namespace {

using merkle::Hash;

// The root over `count` hashes from `begin` on. REQUIRES: count is a power of two.
Hash RootOver(merkle::Hasher& hasher, const std::vector<Hash>& hashes, size_t begin, size_t count) {
  std::vector<Hash> level(hashes.begin() + static_cast<ptrdiff_t>(begin),
                          hashes.begin() + static_cast<ptrdiff_t>(begin + count));
  for (; level.size() > 1; level.resize(level.size() / 2)) {
    for (size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = hasher.Node(level[2 * i], level[2 * i + 1]);
    }
  }
  return level.front();
}

}  // namespace

Result<TileNodes::Hashes> TileNodes::Tile(int level, uint64_t index) {
  if (last_.size() <= static_cast<size_t>(level)) last_.resize(static_cast<size_t>(level) + 1);
  Last& last = last_[static_cast<size_t>(level)];
  if (last.hashes != nullptr && last.index == index) return last.hashes;
  const merkle::TileId tile = merkle::TileOfLevel(size(), level, index);
  const std::string path = merkle::TilePath(tile);
  CONNTRAIL_ASSIGN_OR_RETURN(const ManifestFile* file, Listed(manifest_, path));
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string bytes, archive_.ReadAll(path, merkle::kTileBytes));
  CONNTRAIL_RETURN_IF_ERROR(CompareBytes(*file, bytes));
  Result<std::vector<Hash>> hashes = merkle::DecodeTile(bytes, tile.width);
  if (!hashes.ok()) return Status::Corruption(path + ": " + hashes.status().message());
  last = {index, std::make_shared<const std::vector<Hash>>(*std::move(hashes))};
  return last.hashes;
}

Result<Hash> TileNodes::Node(const merkle::NodeId& node) {
  const int level = node.level / merkle::kTileHeight;
  const int above = node.level % merkle::kTileHeight;
  const uint64_t first = node.index << above;
  CONNTRAIL_ASSIGN_OR_RETURN(const Hashes hashes, Tile(level, first / merkle::kTileWidth));
  merkle::Hasher hasher;
  return RootOver(hasher, *hashes, first % merkle::kTileWidth, size_t{1} << above);
}

Status TileNodes::CheckTile(const merkle::TileId& tile, merkle::Hasher& hasher) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Hashes hashes, Tile(tile.level, tile.index));
  if (tile.width < merkle::kTileWidth) return Status::Ok();  // Check's root is over these
  const uint64_t above = tile.index / merkle::kTileWidth;
  CONNTRAIL_ASSIGN_OR_RETURN(const Hashes parents, Tile(tile.level + 1, above));
  const size_t at = tile.index % merkle::kTileWidth;
  const Hash found = RootOver(hasher, *hashes, 0, hashes->size());
  if (found == (*parents)[at]) return Status::Ok();
  const merkle::TileId parent = merkle::TileOfLevel(size(), tile.level + 1, above);
  return Status::Corruption(
      fmt::format("{}: expected hashes that lead to {} (hash {} of {}), found some that lead to {}",
                  merkle::TilePath(tile), merkle::HashText((*parents)[at]), at,
                  merkle::TilePath(parent), merkle::HashText(found)));
}

Result<uint64_t> TileNodes::Check() {
  const merkle::Checkpoint& head = manifest_.checkpoint;
  uint64_t tiles = 0;
  for (int level = 0; merkle::TilesOfLevel(size(), level) > 0; ++level) {
    tiles += merkle::TilesOfLevel(size(), level);
  }
  uint64_t there = 0;
  for (const Archive::File& file : archive_.files()) {
    if (!file.path.starts_with("tile/")) continue;
    const Result<merkle::TileId> tile = merkle::ParseTilePath(file.path);
    if (!tile.ok()) return Status::Corruption(file.path + ": " + tile.status().message());
    if (!merkle::HasTile(size(), *tile)) {
      return Status::Corruption(
          fmt::format("{}: expected tiles of a tree of {} leaves, found "
                      "this one, which it does not have",
                      file.path, size()));
    }
    if (!tile->is_entries) ++there;
  }
  merkle::Hasher hasher;
  for (int level = 0; merkle::TilesOfLevel(size(), level) > 0; ++level) {
    const uint64_t count = merkle::TilesOfLevel(size(), level);
    for (uint64_t index = 0; index < count; ++index) {
      CONNTRAIL_RETURN_IF_ERROR(CheckTile(merkle::TileOfLevel(size(), level, index), hasher));
    }
  }
  if (there != tiles) {
    return Status::Corruption(fmt::format("tile/: expected {} tiles, found {}", tiles, there));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const Hash root, merkle::RootAt(*this, size()));
  if (root != head.root) {
    return Status::Corruption(fmt::format(
        "tile/: expected hashes that lead to the root {} of the checkpoint (size {}), found {}",
        merkle::HashText(head.root), size(), merkle::HashText(root)));
  }
  return tiles;
}

}  // namespace conntrail::verify
