#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "projections/merkle/proof.h"
#include "projections/merkle/tile.h"

namespace conntrail::evidence {

// Makes the tiles of a tree of its leaves' hashes, and holds one open tile a level.
class TileBuilder final : private merkle::NodeSource {
 public:
  using Emit = std::function<Status(const merkle::TileId& tile, std::string bytes)>;

  // `emit` gets each tile once it is known: full ones while leaves come, the others from Finish.
  explicit TileBuilder(Emit emit) : emit_(std::move(emit)) {}

  Status Append(const merkle::Hash& leaf) { return AppendTo(0, leaf); }

  // Emits the tiles that are not full. Returns the root. REQUIRES: called once, last.
  Result<merkle::Hash> Finish();

  uint64_t size() const { return size_; }

 private:
  struct Level {
    uint64_t index = 0;  // of the open tile
    std::vector<merkle::Hash> hashes;
  };

  Status AppendTo(size_t level, const merkle::Hash& hash);
  Status EmitTile(size_t level);
  Result<merkle::Hash> Node(const merkle::NodeId& node) override;

  const Emit emit_;
  merkle::Hasher hasher_;
  std::vector<Level> levels_;
  uint64_t size_ = 0;
};

}  // namespace conntrail::evidence
