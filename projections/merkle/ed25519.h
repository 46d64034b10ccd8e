#pragma once

#include <array>
#include <cstdint>

#include "events/base/bytes.h"

// Ed25519 signatures (RFC 8032), as signed notes use them.
namespace conntrail::merkle {

using Ed25519Seed = std::array<uint8_t, 32>;
using Ed25519PublicKey = std::array<uint8_t, 32>;
using Ed25519Signature = std::array<uint8_t, 64>;

// A private key. May be used by any thread.
class SigningKey {
 public:
  explicit SigningKey(const Ed25519Seed& seed);
  ~SigningKey();
  SigningKey(SigningKey&& other) noexcept;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  const Ed25519PublicKey& public_key() const { return public_key_; }

  // Deterministic: equal texts have equal signatures.
  Ed25519Signature Sign(ByteSpan text) const;

 private:
  void* key_ = nullptr;  // EVP_PKEY
  Ed25519PublicKey public_key_{};
};

// False also for bytes that are no public key.
bool VerifyEd25519(const Ed25519PublicKey& key, ByteSpan text, const Ed25519Signature& signature);

}  // namespace conntrail::merkle
