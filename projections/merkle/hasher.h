#pragma once

#include <array>
#include <cstdint>

#include "events/base/bytes.h"

// A Merkle tree as RFC 6962, section 2.1, defines it. This folder knows nothing of connections, and
// links nothing of what writes trees: whoever checks a proof needs this folder alone.
namespace conntrail::merkle {

// A SHA-256 hash: of a leaf, of a node, or the root of a tree.
using Hash = std::array<uint8_t, 32>;

// Computes hashes without an allocation each. One thread's.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  // SHA-256(0x00 | head | rest): the hash of the leaf that consists of `head` and `rest`.
  Hash Leaf(ByteSpan head, ByteSpan rest = {});

  // SHA-256(0x01 | left | right).
  Hash Node(const Hash& left, const Hash& right);

 private:
  void* const context_;  // EVP_MD_CTX
};

// The same, once.
Hash LeafHash(ByteSpan leaf);
Hash NodeHash(const Hash& left, const Hash& right);

// The root of the tree without leaves: SHA-256 of nothing.
Hash EmptyRoot();

}  // namespace conntrail::merkle
