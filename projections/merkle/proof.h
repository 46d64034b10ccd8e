#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "events/base/result.h"
#include "projections/merkle/frontier.h"

namespace conntrail::merkle {

// Where proofs get a tree's nodes from.
class NodeSource {
 public:
  virtual ~NodeSource() = default;

  // REQUIRES: the node is complete in the tree. Errors are of whatever holds the nodes.
  virtual Result<Hash> Node(const NodeId& node) = 0;
};

// The root of the tree that the first `size` leaves make.
Result<Hash> RootAt(NodeSource& nodes, uint64_t size);

// PATH(index, D[size]) of RFC 6962, section 2.1.1. REQUIRES: index < size.
Result<std::vector<Hash>> InclusionProof(NodeSource& nodes, uint64_t index, uint64_t size);

// PROOF(from, D[to]) of RFC 6962, section 2.1.2; empty if from is 0 or `to`. REQUIRES: from <= to.
Result<std::vector<Hash>> ConsistencyProof(NodeSource& nodes, uint64_t from, uint64_t to);

// True if `proof` shows that the tree of that size and root has `leaf` (its hash) at `index`
// (RFC 9162, section 2.1.3.2). Any input is allowed.
bool VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size, std::span<const Hash> proof,
                     const Hash& root);

// True if `proof` shows that the tree of size `to` and root `to_root` begins with the whole tree of
// size `from` and root `from_root` (RFC 9162, section 2.1.4.2). Any input is allowed. The tree
// without leaves is the beginning of each.
bool VerifyConsistency(uint64_t from, const Hash& from_root, uint64_t to, const Hash& to_root,
                       std::span<const Hash> proof);

}  // namespace conntrail::merkle
