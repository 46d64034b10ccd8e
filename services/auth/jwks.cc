#include "services/auth/jwks.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "events/base/json_reader.h"

namespace conntrail {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// OpenSSL keeps its failures for the thread. What is left there, the next TLS connection of the
// thread would take for its own.
class ErrorsForgotten {
 public:
  ErrorsForgotten() = default;
  ~ErrorsForgotten() { ERR_clear_error(); }
};

constexpr size_t kKeysMax = 64;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr size_t kCoordinateBytes = 32;  // of P-256, and of Ed25519's only one

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> Number(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

Owned<EVP_PKEY> KeyFrom(const char* kind, OSSL_PARAM_BLD* parts) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(parts));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  Owned<EVP_PKEY> owned(key);
  const Owned<EVP_PKEY_CTX> check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return owned;
}

Owned<EVP_PKEY> RsaKey(std::string_view modulus, std::string_view exponent) {
  const Owned<BIGNUM> n = Number(modulus);
  const Owned<BIGNUM> e = Number(exponent);
  const Owned<OSSL_PARAM_BLD> parts(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || parts == nullptr || BN_num_bits(n.get()) < kRsaBitsMin ||
      BN_num_bits(n.get()) > kRsaBitsMax || BN_num_bits(e.get()) > 64 ||
      OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return KeyFrom("RSA", parts.get());
}

Owned<EVP_PKEY> EcKey(const std::string& x, const std::string& y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  const std::string point = "\x04" + x + y;  // uncompressed
  const Owned<OSSL_PARAM_BLD> parts(OSSL_PARAM_BLD_new());
  if (parts == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return KeyFrom("EC", parts.get());
}

Owned<EVP_PKEY> Ed25519Key(const std::string& x) {
  if (x.size() != kCoordinateBytes) return nullptr;
  return Owned<EVP_PKEY>(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
}

// A JWS has the two numbers side by side, OpenSSL wants them as DER. Empty if they are none.
std::string DerSignature(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return "";
  const Owned<ECDSA_SIG> numbers(ECDSA_SIG_new());
  Owned<BIGNUM> r = Number(signature.substr(0, kCoordinateBytes));
  Owned<BIGNUM> s = Number(signature.substr(kCoordinateBytes));
  if (numbers == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) {
    return "";
  }
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  if (size <= 0) return "";
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

// The fields of one JWK. A member that is not there is "", and so is one that is no text.
class JwkReader {
 public:
  JwkReader(JsonReader& reader, const JsonValue& key) : reader_(reader), key_(key) {}

  std::string Text(std::string_view name) {
    const JsonValue* value = reader_.Find(key_, name);
    return value == nullptr ? "" : reader_.Text(*value);
  }
  std::string Octets(std::string_view name) {
    std::string bytes;
    if (!DecodeBase64Url(Text(name), bytes)) reader_.Fail(key_, "must be base64url");
    return bytes;
  }
  bool Has(std::string_view name) { return reader_.Find(key_, name) != nullptr; }
  // RFC 7517 sections 4.2 to 4.4: each of these may be absent.
  bool IsFor(std::string_view algorithm) {
    if (Has("use") && Text("use") != "sig") return false;
    if (Has("alg") && Text("alg") != algorithm) return false;
    const JsonValue* operations = reader_.Find(key_, "key_ops");
    if (operations == nullptr) return true;
    const std::vector<JsonValue>& items = reader_.Items(*operations);
    return std::any_of(items.begin(), items.end(),
                       [](const JsonValue& item) { return item.text == "verify"; });
  }

 private:
  JsonReader& reader_;
  const JsonValue& key_;
};

}  // namespace

struct JwkSet::Key {
  JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
  std::string id;
  Owned<EVP_PKEY> key;
};

namespace {

// Of another kind, or for another use: no algorithm.
std::optional<JwtAlgorithm> AlgorithmOf(JwkReader& jwk) {
  const std::string kind = jwk.Text("kty");
  if (kind == "RSA" && jwk.IsFor("RS256")) return JwtAlgorithm::kRs256;
  if (kind == "EC" && jwk.Text("crv") == "P-256" && jwk.IsFor("ES256")) {
    return JwtAlgorithm::kEs256;
  }
  if (kind == "OKP" && jwk.Text("crv") == "Ed25519" && jwk.IsFor("EdDSA")) {
    return JwtAlgorithm::kEdDsa;
  }
  return std::nullopt;
}

Owned<EVP_PKEY> PublicKeyOf(JwkReader& jwk, JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::kRs256:
      return RsaKey(jwk.Octets("n"), jwk.Octets("e"));
    case JwtAlgorithm::kEs256:
      return EcKey(jwk.Octets("x"), jwk.Octets("y"));
    case JwtAlgorithm::kEdDsa:
      return Ed25519Key(jwk.Octets("x"));
  }
  return nullptr;
}

}  // namespace

JwkSet::JwkSet() = default;
JwkSet::~JwkSet() = default;
JwkSet::JwkSet(JwkSet&&) noexcept = default;
JwkSet& JwkSet::operator=(JwkSet&&) noexcept = default;
size_t JwkSet::size() const { return keys_.size(); }

Result<JwkSet> JwkSet::Parse(std::string_view json) {
  const ErrorsForgotten forgotten;
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue root, ParseJson(json));
  JsonReader reader(root);
  JwkSet set;
  const JsonValue* keys = reader.Require(root, "keys");
  if (keys == nullptr) return reader.status();
  for (const JsonValue& value : reader.Items(*keys)) {
    JwkReader jwk(reader, value);
    const std::optional<JwtAlgorithm> algorithm = AlgorithmOf(jwk);
    if (algorithm && jwk.Has("d")) reader.Fail(value, "is a private key");
    if (!algorithm || !reader.ok()) continue;
    Key key{*algorithm, jwk.Text("kid"), PublicKeyOf(jwk, *algorithm)};
    const bool is_known = std::any_of(set.keys_.begin(), set.keys_.end(), [&](const Key& other) {
      return other.algorithm == key.algorithm && other.id == key.id;
    });
    if (key.key == nullptr) reader.Fail(value, "is no key of its kind");
    if (is_known) reader.Fail(value, "has the id of another key");
    if (set.keys_.size() == kKeysMax) reader.Fail(value, "is one key too many");
    set.keys_.push_back(std::move(key));
  }
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return set;
}

const JwkSet::Key* JwkSet::Find(const Jws& jws) const {
  const Key* found = nullptr;
  for (const Key& key : keys_) {
    if (key.algorithm != jws.algorithm) continue;
    if (!jws.key_id.empty() && key.id != jws.key_id) continue;
    if (found != nullptr) return nullptr;  // the token must say which
    found = &key;
  }
  return found;
}

JwkSet::Verdict JwkSet::Verify(const Jws& jws) const {
  const ErrorsForgotten forgotten;
  const Key* key = Find(jws);
  if (key == nullptr) return Verdict::kUnknownKey;
  const bool is_ec = jws.algorithm == JwtAlgorithm::kEs256;
  const std::string signature = is_ec ? DerSignature(jws.signature) : jws.signature;
  const EVP_MD* digest = jws.algorithm == JwtAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(jws.signed_bytes),
                       jws.signed_bytes.size()) == 1;
  return good ? Verdict::kGood : Verdict::kBad;
}

}  // namespace conntrail
