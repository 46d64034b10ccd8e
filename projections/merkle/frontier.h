#pragma once

#include <cstdint>
#include <vector>

#include "projections/merkle/hasher.h"

namespace conntrail::merkle {

// A node of a tree that will never change: the hash of leaves
// [index << level, (index + 1) << level). Level 0 are the leaves' own hashes.
struct NodeId {
  int level = 0;
  uint64_t index = 0;

  bool operator==(const NodeId&) const = default;
};

// The right edge of a growing tree: all that is needed to append to it and to know its root. At
// most 64 hashes, whatever the tree's size.
class Frontier {
 public:
  Frontier() = default;

  uint64_t size() const { return size_; }

  // The roots of the complete subtrees that the tree consists of, the largest first: one for each
  // bit that is set in the size.
  const std::vector<Hash>& roots() const { return roots_; }

  // Of a tree that was stored. False, and nothing has changed: that is no frontier of a tree of
  // that size.
  bool Restore(uint64_t size, std::vector<Hash> roots);

  // Appends a leaf by its hash. `completed(NodeId, const Hash&)` is called for each node above the
  // leaves that this completes, the lower first.
  template <typename Completed>
  void Append(Hasher& hasher, const Hash& leaf, Completed&& completed) {
    Hash hash = leaf;
    for (int level = 0; (size_ >> level & 1) != 0; ++level) {
      hash = hasher.Node(roots_.back(), hash);
      roots_.pop_back();
      completed(NodeId{level + 1, size_ >> (level + 1)}, hash);
    }
    roots_.push_back(hash);
    ++size_;
  }

  Hash Root(Hasher& hasher) const;

  bool operator==(const Frontier&) const = default;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> roots_;
};

}  // namespace conntrail::merkle
