#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "projections/merkle/checkpoint.h"
#include "projections/merkle/proof.h"
#include "projections/merkle/tile.h"
#include "tools/verify/archive.h"
#include "tools/verify/manifest.h"

namespace conntrail::verify {

// The nodes of a tree whose tiles are in an export. Errors begin with the tile's path. Not
// thread-safe.
class TileNodes final : public merkle::NodeSource {
 public:
  using Hashes = std::shared_ptr<const std::vector<merkle::Hash>>;

  // Both must outlive it.
  TileNodes(Archive& archive, const Manifest& manifest) : archive_(archive), manifest_(manifest) {}

  uint64_t size() const { return manifest_.checkpoint.size; }

  Result<merkle::Hash> Node(const merkle::NodeId& node) override;

  // All hashes of a tile of the tree; its bytes are those that the manifest lists.
  // REQUIRES: index < TilesOfLevel(size(), level).
  Result<Hashes> Tile(int level, uint64_t index);

  // That all tiles are there, follow from each other and lead to the root of the checkpoint.
  // Returns how many.
  Result<uint64_t> Check();

 private:
  Status CheckTile(const merkle::TileId& tile, merkle::Hasher& hasher);

  Archive& archive_;
  const Manifest& manifest_;
  struct Last {
    uint64_t index = 0;
    Hashes hashes;
  };
  std::vector<Last> last_;  // of each level
};

}  // namespace conntrail::verify
