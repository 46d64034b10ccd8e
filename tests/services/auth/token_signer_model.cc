#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "events/base/check.h"
#include "tests/services/auth/token_signer.h"

namespace conntrail {
namespace {

std::string Number(EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* number = nullptr;
  CONNTRAIL_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(size == 0 ? BN_num_bytes(number) : size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(number);
  return EncodeBase64Url(bytes);
}

// From DER to the two numbers side by side.
std::string Joined(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string joined(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(joined.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + 32, 32);
  ECDSA_SIG_free(numbers);
  return joined;
}

EVP_PKEY* NewKey(std::string_view algorithm, int rsa_bits) {
  if (algorithm == "RS256") return EVP_RSA_gen(static_cast<unsigned>(rsa_bits));
  if (algorithm == "ES256") return EVP_EC_gen("P-256");
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

}  // namespace

std::string EncodeBase64Url(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) text.push_back(kDigits[bits >> (count -= 6) & 63]);
  }
  if (count > 0) text.push_back(kDigits[bits << (6 - count) & 63]);
  return text;
}

TokenSigner::TokenSigner(std::string_view algorithm, std::string_view key_id, int rsa_bits)
    : algorithm_(algorithm), key_id_(key_id), key_(NewKey(algorithm, rsa_bits), &EVP_PKEY_free) {
  CONNTRAIL_CHECK(key_ != nullptr);
}

std::string TokenSigner::header() const {
  const std::string key_id = key_id_.empty() ? "" : R"(,"kid":")" + key_id_ + '"';
  return R"({"alg":")" + algorithm_ + '"' + key_id + "}";
}

std::string TokenSigner::Signature(std::string_view signed_bytes) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const EVP_MD* digest = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
  CONNTRAIL_CHECK(EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get()) == 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(signed_bytes.data());
  size_t size = 0;
  CONNTRAIL_CHECK(EVP_DigestSign(context, nullptr, &size, bytes, signed_bytes.size()) == 1);
  std::string signature(size, '\0');
  CONNTRAIL_CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                 bytes, signed_bytes.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return algorithm_ == "ES256" ? Joined(signature) : signature;
}

std::string TokenSigner::SignWithHeader(std::string_view header, std::string_view payload) const {
  const std::string signed_bytes = EncodeBase64Url(header) + "." + EncodeBase64Url(payload);
  return signed_bytes + "." + EncodeBase64Url(Signature(signed_bytes));
}

std::string TokenSigner::Jwk(std::string_view more) const {
  std::string parts;
  if (algorithm_ == "RS256") {
    parts = R"("kty":"RSA","n":")" + Number(key_.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
            Number(key_.get(), OSSL_PKEY_PARAM_RSA_E) + '"';
  } else if (algorithm_ == "ES256") {
    parts = R"("kty":"EC","crv":"P-256","x":")" + Number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32) +
            R"(","y":")" + Number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32) + '"';
  } else {
    std::string raw(32, '\0');
    size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
    parts = R"("kty":"OKP","crv":"Ed25519","x":")" + EncodeBase64Url(raw) + '"';
  }
  const std::string key_id = key_id_.empty() ? "" : R"(,"kid":")" + key_id_ + '"';
  return "{" + parts + key_id + std::string(more) + "}";
}

}  // namespace conntrail
