#include "projections/merkle/hasher.h"

#include <cstring>

#include <openssl/evp.h>

#include "events/base/check.h"
#include "events/base/sha256.h"

namespace conntrail::merkle {
namespace {

constexpr uint8_t kLeafPrefix = 0;
constexpr uint8_t kNodePrefix = 1;

const EVP_MD* Algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CONNTRAIL_CHECK(algorithm != nullptr);
  return algorithm;
}

EVP_MD_CTX* Of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

Hasher::Hasher() : context_(EVP_MD_CTX_new()) {
  CONNTRAIL_CHECK(context_ != nullptr &&
                  EVP_DigestInit_ex2(Of(context_), Algorithm(), nullptr) == 1);
}

Hasher::~Hasher() { EVP_MD_CTX_free(Of(context_)); }

Hash Hasher::Leaf(ByteSpan head, ByteSpan rest) {
  EVP_MD_CTX* const context = Of(context_);
  Hash hash;
  const bool ok = EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
                  EVP_DigestUpdate(context, &kLeafPrefix, 1) == 1 &&
                  EVP_DigestUpdate(context, head.data(), head.size()) == 1 &&
                  EVP_DigestUpdate(context, rest.data(), rest.size()) == 1 &&
                  EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1;
  CONNTRAIL_CHECK(ok);
  return hash;
}

Hash Hasher::Node(const Hash& left, const Hash& right) {
  uint8_t bytes[1 + 2 * sizeof(Hash)];
  bytes[0] = kNodePrefix;
  std::memcpy(bytes + 1, left.data(), sizeof(Hash));
  std::memcpy(bytes + 1 + sizeof(Hash), right.data(), sizeof(Hash));
  EVP_MD_CTX* const context = Of(context_);
  Hash hash;
  const bool ok = EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
                  EVP_DigestUpdate(context, bytes, sizeof(bytes)) == 1 &&
                  EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1;
  CONNTRAIL_CHECK(ok);
  return hash;
}

Hash LeafHash(ByteSpan leaf) { return Hasher().Leaf(leaf); }
Hash NodeHash(const Hash& left, const Hash& right) { return Hasher().Node(left, right); }
Hash EmptyRoot() { return Sha256({}); }

}  // namespace conntrail::merkle
