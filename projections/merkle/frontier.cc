#include "projections/merkle/frontier.h"

#include <bit>
#include <utility>

namespace conntrail::merkle {

bool Frontier::Restore(uint64_t size, std::vector<Hash> roots) {
  if (static_cast<size_t>(std::popcount(size)) != roots.size()) return false;
  size_ = size;
  roots_ = std::move(roots);
  return true;
}

Hash Frontier::Root(Hasher& hasher) const {
  if (roots_.empty()) return EmptyRoot();
  Hash root = roots_.back();
  for (size_t i = roots_.size() - 1; i > 0; --i) root = hasher.Node(roots_[i - 1], root);
  return root;
}

}  // namespace conntrail::merkle
