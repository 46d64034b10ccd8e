#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "services/auth/authenticator.h"
#include "services/auth/jwks.h"

namespace conntrail {

// Whose tokens are taken, and what they may bring.
struct OidcSettings {
  std::string issuer;     // must be the token's "iss", byte by byte
  std::string audience;   // must be its "aud", or one of them
  std::string org_claim;  // the claim that names the org, by name or id; "": `org` for all
  std::string org;
  std::string scope_claim = "scope";  // names of rights, separated by spaces, or a list of them
  uint64_t rights_allowed = 0;        // no token brings more
};

// Bearer tokens of one issuer (OpenID Connect): verified with its keys, and turned into callers.
//
// The subject ("sub") is the account that the directory knows by that external id, or else by that
// user name; the rights are those that the token's scopes name and `rights_allowed` has.
//
// One thread's. The ring must outlive it.
class Oidc {
 public:
  // `ask_for_keys` begins to fetch the issuer's keys and returns at once; whatever comes is given
  // to TakeKeys later. Null: keys come only when the owner gives them.
  Oidc(const KeyRing& ring, OidcSettings settings, std::function<void()> ask_for_keys = nullptr);

  // Replaces the keys by those of the JWK Set `json`. On failure they stay as they were.
  Status TakeKeys(std::string_view json);

  // kNone: `caller` has sent the token, and that holds until `until_ms`. Asks for keys, with a
  // growing pause in between, if the token names one that is not known: then
  // kTokenKeysMissing, once for each time that keys are asked for.
  AuthRefusal Verify(std::string_view token, UnixMs now_ms, Caller& caller, UnixMs& until_ms);

 private:
  AuthRefusal CheckSignature(const Jws& jws, UnixMs now_ms);
  bool AskForKeys(UnixMs now_ms);

  const KeyRing& ring_;
  const OidcSettings settings_;
  const std::function<void()> ask_for_keys_;
  JwkSet keys_;
  UnixMs ask_next_ms_ = 0;
  UnixMs ask_pause_ms_ = 0;
};

}  // namespace conntrail
