#include "projections/merkle/proof.h"

#include <bit>

#include "events/base/check.h"

namespace conntrail::merkle {
namespace {

// The largest power of two below `count`. REQUIRES: count >= 2.
uint64_t SplitOf(uint64_t count) { return std::bit_floor(count - 1); }

// The hash over leaves [begin, end). REQUIRES: begin < end; begin is a multiple of the smallest
// power of two that is not below end - begin.
Result<Hash> RangeHash(NodeSource& nodes, Hasher& hasher, uint64_t begin, uint64_t end) {
  const uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const int level = std::countr_zero(count);
    return nodes.Node({level, begin >> level});
  }
  const uint64_t middle = begin + SplitOf(count);
  CONNTRAIL_ASSIGN_OR_RETURN(const Hash left, RangeHash(nodes, hasher, begin, middle));
  CONNTRAIL_ASSIGN_OR_RETURN(const Hash right, RangeHash(nodes, hasher, middle, end));
  return hasher.Node(left, right);
}

}  // namespace

Result<Hash> RootAt(NodeSource& nodes, uint64_t size) {
  if (size == 0) return EmptyRoot();
  Hasher hasher;
  return RangeHash(nodes, hasher, 0, size);
}

Result<std::vector<Hash>> InclusionProof(NodeSource& nodes, uint64_t index, uint64_t size) {
  CONNTRAIL_CHECK(index < size);
  Hasher hasher;
  std::vector<Hash> proof;
  uint64_t begin = 0, end = size;
  // From the root down; the proof goes up.
  while (end - begin > 1) {
    const uint64_t middle = begin + SplitOf(end - begin);
    const bool left = index < middle;
    CONNTRAIL_ASSIGN_OR_RETURN(
        const Hash sibling, RangeHash(nodes, hasher, left ? middle : begin, left ? end : middle));
    proof.push_back(sibling);
    (left ? end : begin) = middle;
  }
  return std::vector<Hash>(proof.rbegin(), proof.rend());
}

Result<std::vector<Hash>> ConsistencyProof(NodeSource& nodes, uint64_t from, uint64_t to) {
  CONNTRAIL_CHECK(from <= to);
  std::vector<Hash> proof;
  if (from == 0 || from == to) return proof;
  Hasher hasher;
  uint64_t begin = 0, end = to;
  bool is_whole = true;  // [0, from) is a subtree of what was there then
  while (from != end) {
    const uint64_t middle = begin + SplitOf(end - begin);
    const bool left = from <= middle;
    CONNTRAIL_ASSIGN_OR_RETURN(
        const Hash sibling, RangeHash(nodes, hasher, left ? middle : begin, left ? end : middle));
    proof.push_back(sibling);
    if (!left) is_whole = false;
    (left ? end : begin) = middle;
  }
  if (!is_whole) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Hash rest, RangeHash(nodes, hasher, begin, end));
    proof.push_back(rest);
  }
  return std::vector<Hash>(proof.rbegin(), proof.rend());
}

bool VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size, std::span<const Hash> proof,
                     const Hash& root) {
  if (index >= size) return false;
  Hasher hasher;
  uint64_t node = index, last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = hasher.Node(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = hasher.Node(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool VerifyConsistency(uint64_t from, const Hash& from_root, uint64_t to, const Hash& to_root,
                       std::span<const Hash> proof) {
  if (from > to) return false;
  if (from == to) return proof.empty() && from_root == to_root;
  if (from == 0) return proof.empty() && from_root == EmptyRoot();
  // A tree of 2^n leaves is a node of the new one, so the proof leaves it out.
  const bool is_node = std::has_single_bit(from);
  if (proof.empty() && !is_node) return false;
  const Hash first = is_node ? from_root : proof.front();
  if (!is_node) proof = proof.subspan(1);

  Hasher hasher;
  uint64_t node = from - 1, last = to - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  Hash old_hash = first, new_hash = first;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = hasher.Node(sibling, old_hash);
      new_hash = hasher.Node(sibling, new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = hasher.Node(new_hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == from_root && new_hash == to_root;
}

}  // namespace conntrail::merkle
