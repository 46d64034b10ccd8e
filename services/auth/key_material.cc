#include "services/auth/key_material.h"

#include <span>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "events/base/check.h"
#include "events/base/sha256.h"

namespace conntrail {

KeyMaterial GenerateKey(KeyKind kind) {
  CONNTRAIL_CHECK(kind != KeyKind::kUnspecified);
  unsigned char random[20] = {};
  const size_t size = kind == KeyKind::kApi ? 16 : 20;
  CONNTRAIL_CHECK(RAND_bytes(random, static_cast<int>(size)) == 1);
  KeyMaterial key;
  key.text = ToHex(std::as_bytes(std::span(random, size)));
  key.digest = KeyDigest(key.text);
  OPENSSL_cleanse(random, sizeof(random));
  return key;
}

Digest KeyDigest(std::string_view text) { return Sha256(AsBytes(text)); }

bool SameDigest(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace conntrail
