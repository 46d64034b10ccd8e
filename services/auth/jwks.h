#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "services/auth/jwt.h"

namespace conntrail {

// The public keys of an issuer (JWK Set, RFC 7517): RSA of 2048 to 8192 bits for RS256, P-256 for
// ES256, Ed25519 for EdDSA. Each key serves one algorithm, its kind's.
//
// Thread-safety: immutable.
class JwkSet {
 public:
  // An empty set.
  JwkSet();
  ~JwkSet();
  JwkSet(JwkSet&&) noexcept;
  JwkSet& operator=(JwkSet&&) noexcept;

  // Keys of other kinds or for other uses are passed over, as the RFC says. kInvalidArgument: no
  // JWK Set, a key that is none (a point not on its curve, ...), a private key, or two keys of one
  // algorithm with the same id.
  static Result<JwkSet> Parse(std::string_view json);

  enum class Verdict { kGood, kUnknownKey, kBad };
  // Whether the key that `jws` names has signed it. Without a key id there must be exactly one key
  // of its algorithm.
  Verdict Verify(const Jws& jws) const;

  size_t size() const;

 private:
  struct Key;
  const Key* Find(const Jws& jws) const;

  std::vector<Key> keys_;
};

}  // namespace conntrail
