#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "events/base/clock.h"
#include "services/auth/caller.h"
#include "services/auth/key_ring.h"
#include "services/http/message.h"

namespace conntrail {

class Oidc;

// Why nobody was let in: for counters and diagnostics. A client is told only that it is not.
enum class AuthRefusal : uint8_t {
  kNone,
  kNothingSent,  // neither a key nor a token
  kUnknownKey,   // no key has that text, or more than one claims it
  kWrongKind,    // an API key where an application key belongs, or the other way round
  kRevoked,
  kExpired,
  kOwnerInactive,  // deactivated or removed
  kOtherOrg,       // the two keys are of different orgs
  kTokenMalformed,
  kTokenUntrusted,  // signature, key, issuer or audience
  kTokenExpired,    // or not yet valid
  kTokenUnknownSubject,
  kTokenKeysMissing,  // the issuer's keys are being fetched: the same token may do soon
};
std::string_view AuthRefusalName(AuthRefusal refusal);  // "unknown_key", ...

// Who has sent a request, or why that is not established. One of both.
struct Admission {
  std::optional<Caller> caller;
  AuthRefusal refusal = AuthRefusal::kNone;

  bool ok() const { return caller.has_value(); }
};

// What a client hears with a 401, whatever was wrong.
inline constexpr std::string_view kUnauthorizedText = "Unauthorized";

// Establishes who has sent a request:
//
//   dd-api-key and dd-application-key   both of one org; principal and rights are those of the
//                                       application key
//   dd-api-key alone                    the rights of the API key, no principal
//   authorization: Bearer               a token of the configured issuer (oidc.h); below /scim/
//   also
//                                       an application key, which is all that directories can send
//
// Keys win over a token that is sent beside them. What was established is remembered, so that a
// client that comes again costs one lookup; no key and no token is kept.
//
// One thread's. Ring and Oidc must outlive it.
class Authenticator {
 public:
  struct Options {
    const Clock* clock = &Clock::System();
    Oidc* oidc = nullptr;  // null: bearer tokens are refused
    size_t remembered_max = 4096;
  };

  Authenticator(const KeyRing& ring, Options options);
  explicit Authenticator(const KeyRing& ring) : Authenticator(ring, Options()) {}
  ~Authenticator();

  Admission Authenticate(const http::Request& request);

  // Answers that came from memory, and those that did not; for metrics and tests.
  uint64_t remembered_count() const;
  uint64_t established_count() const;

 private:
  class Memory;

  Admission FromKeys(std::string_view api_key, std::string_view application_key, UnixMs now_ms,
                     UnixMs& until_ms) const;
  Admission FromApplicationKey(std::string_view text, UnixMs now_ms, UnixMs& until_ms) const;
  Admission FromToken(std::string_view token, UnixMs now_ms, UnixMs& until_ms);

  const KeyRing& ring_;
  const Options options_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace conntrail
