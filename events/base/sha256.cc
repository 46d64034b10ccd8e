#include "events/base/sha256.h"

#include <openssl/evp.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

// Fetched once: an implicit fetch at every digest costs more than a short digest (OpenSSL 3).
const EVP_MD* Algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CONNTRAIL_CHECK(algorithm != nullptr);
  return algorithm;
}

}  // namespace

struct Sha256Stream::Context {
  Context() : context(EVP_MD_CTX_new()) {
    CONNTRAIL_CHECK(context != nullptr && EVP_DigestInit_ex2(context, Algorithm(), nullptr) == 1);
  }
  ~Context() { EVP_MD_CTX_free(context); }
  EVP_MD_CTX* context;
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(ByteSpan bytes) {
  CONNTRAIL_CHECK(EVP_DigestUpdate(context_->context, bytes.data(), bytes.size()) == 1);
}

std::array<uint8_t, 32> Sha256Stream::Finish() {
  std::array<uint8_t, 32> digest;
  CONNTRAIL_CHECK(EVP_DigestFinal_ex(context_->context, digest.data(), nullptr) == 1);
  return digest;
}

std::array<uint8_t, 32> Sha256(ByteSpan bytes) {
  std::array<uint8_t, 32> digest;
  CONNTRAIL_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, Algorithm(), nullptr) == 1);
  return digest;
}

}  // namespace conntrail
