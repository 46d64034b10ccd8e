#include "projections/merkle/vector_tree.h"

#include <algorithm>

#include "events/base/check.h"

namespace conntrail::merkle {

void VectorTree::Set(uint64_t index, const Hash& leaf) {
  CONNTRAIL_CHECK(index <= size());
  if (levels_.empty()) levels_.emplace_back();
  std::vector<Hash>& leaves = levels_.front();
  if (index == leaves.size()) {
    leaves.push_back(leaf);
  } else {
    leaves[index] = leaf;
  }
  changed_.push_back(index);
}

Hash VectorTree::Root(Hasher& hasher) {
  if (levels_.empty()) return EmptyRoot();
  std::sort(changed_.begin(), changed_.end());
  for (size_t level = 0; levels_[level].size() > 1; ++level) {
    if (level + 1 == levels_.size()) levels_.emplace_back();
    const std::vector<Hash>& below = levels_[level];
    std::vector<Hash>& above = levels_[level + 1];
    above.resize((below.size() + 1) / 2);
    for (uint64_t& index : changed_) index /= 2;
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    for (const uint64_t index : changed_) {
      const bool is_lone = 2 * index + 1 == below.size();
      above[index] =
          is_lone ? below[2 * index] : hasher.Node(below[2 * index], below[2 * index + 1]);
    }
  }
  changed_.clear();
  return levels_.back().front();
}

}  // namespace conntrail::merkle
