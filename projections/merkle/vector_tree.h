#pragma once

#include <cstdint>
#include <vector>

#include "projections/merkle/hasher.h"

namespace conntrail::merkle {

// The tree of RFC 6962 over leaves that change in place, and may become more. A change costs the
// nodes above it, when the root is asked for. All nodes are in memory: 64 bytes a leaf.
class VectorTree {
 public:
  uint64_t size() const { return levels_.empty() ? 0 : levels_.front().size(); }

  // Sets the leaf at `index` to that hash. REQUIRES: index <= size().
  void Set(uint64_t index, const Hash& leaf);

  Hash Root(Hasher& hasher);

 private:
  std::vector<std::vector<Hash>> levels_;  // of the leaves first
  std::vector<uint64_t> changed_;          // leaves since the last Root
};

}  // namespace conntrail::merkle
