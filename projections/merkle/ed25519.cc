#include "projections/merkle/ed25519.h"

#include <memory>
#include <utility>

#include <openssl/evp.h>

#include "events/base/check.h"

namespace conntrail::merkle {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

const unsigned char* Begin(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

SigningKey::SigningKey(const Ed25519Seed& seed) {
  EVP_PKEY* const key =
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  size_t size = public_key_.size();
  CONNTRAIL_CHECK(key != nullptr &&
                  EVP_PKEY_get_raw_public_key(key, public_key_.data(), &size) == 1 &&
                  size == public_key_.size());
  key_ = key;
}

SigningKey::~SigningKey() { EVP_PKEY_free(static_cast<EVP_PKEY*>(key_)); }

SigningKey::SigningKey(SigningKey&& other) noexcept
    : key_(std::exchange(other.key_, nullptr)), public_key_(other.public_key_) {}

Ed25519Signature SigningKey::Sign(ByteSpan text) const {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Ed25519Signature signature;
  size_t size = signature.size();
  const bool ok =
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_)) ==
          1 &&
      EVP_DigestSign(context.get(), signature.data(), &size, Begin(text), text.size()) == 1 &&
      size == signature.size();
  CONNTRAIL_CHECK(ok);
  return signature;
}

bool VerifyEd25519(const Ed25519PublicKey& key, ByteSpan text, const Ed25519Signature& signature) {
  const std::unique_ptr<EVP_PKEY, FreeKey> public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  return public_key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), Begin(text),
                          text.size()) == 1;
}

}  // namespace conntrail::merkle
