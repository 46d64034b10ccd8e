#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace conntrail {

// Base64url without padding.
std::string EncodeBase64Url(std::string_view bytes);

// Makes keys and signs tokens with them, well-formed or not: an issuer, and whoever would pass for
// one.
class TokenSigner {
 public:
  // `algorithm`: RS256, ES256 or EdDSA.
  TokenSigner(std::string_view algorithm, std::string_view key_id, int rsa_bits = 2048);

  // {"alg":...,"kid":...} and `claims`, signed.
  std::string Sign(std::string_view claims) const { return SignWithHeader(header(), claims); }
  std::string SignWithHeader(std::string_view header, std::string_view payload) const;

  std::string header() const;
  // The public key as a JWK; `more` is added to its members: `,"use":"sig"`.
  std::string Jwk(std::string_view more = "") const;
  std::string JwkSetText() const { return R"({"keys":[)" + Jwk() + "]}"; }

 private:
  std::string Signature(std::string_view signed_bytes) const;

  std::string algorithm_;
  std::string key_id_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace conntrail
