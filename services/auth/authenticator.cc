#include "services/auth/authenticator.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "services/auth/key_material.h"
#include "services/auth/oidc.h"
#include "services/auth/siphash.h"

namespace conntrail {
namespace {

constexpr UnixMs kForeverMs = std::numeric_limits<UnixMs>::max();
constexpr size_t kKeyTextBytesMax = 256;

// "Bearer abc" in any case of the scheme; "" if the header is of another scheme.
std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return {};
  const bool is_bearer =
      std::equal(kScheme.begin(), kScheme.end(), authorization.begin(), [](char expected, char c) {
        return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      });
  if (!is_bearer) return {};
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

// kNone if `key` may be used as a key of that kind at `now_ms`.
AuthRefusal Check(const std::optional<RingKey>& key, KeyKind kind, UnixMs now_ms) {
  if (!key) return AuthRefusal::kUnknownKey;
  if (key->kind != kind) return AuthRefusal::kWrongKind;
  if (key->revoked) return AuthRefusal::kRevoked;
  if (key->expires_at_ms && *key->expires_at_ms <= now_ms) return AuthRefusal::kExpired;
  // An API key is its org's: it goes on when whoever made it has left.
  if (kind == KeyKind::kApplication && !key->owner_active) return AuthRefusal::kOwnerInactive;
  return AuthRefusal::kNone;
}

bool IsOfDirectories(const http::Request& request) {
  return !request.segments.empty() && request.segments.front() == "scim";
}

bool LooksLikeJwt(std::string_view token) { return token.find('.') != token.npos; }

}  // namespace

std::string_view AuthRefusalName(AuthRefusal refusal) {
  static constexpr std::string_view kNames[] = {"none",
                                                "nothing_sent",
                                                "unknown_key",
                                                "wrong_kind",
                                                "revoked",
                                                "expired",
                                                "owner_inactive",
                                                "other_org",
                                                "token_malformed",
                                                "token_untrusted",
                                                "token_expired",
                                                "token_unknown_subject",
                                                "token_keys_missing"};
  return kNames[static_cast<size_t>(refusal)];
}

// What was established, by a hash of what was sent. Forgotten as a whole when the ring changes and
// when it is full; what was refused is never remembered, so that guesses displace nothing.
class Authenticator::Memory {
 public:
  explicit Memory(size_t size_max) : size_max_(size_max) {}

  SipHash128 KeyOf(std::string_view api_key, std::string_view application_key,
                   std::string_view token) const {
    const SipHash128 parts[] = {hasher_(api_key), hasher_(application_key), hasher_(token)};
    return hasher_({reinterpret_cast<const char*>(parts), sizeof(parts)});
  }

  // Null if there is none that counts at `now_ms`.
  const Caller* Find(const SipHash128& key, uint64_t generation, UnixMs now_ms) {
    if (generation != generation_) {
      entries_.clear();
      generation_ = generation;
    }
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until_ms <= now_ms) return nullptr;
    ++remembered;
    return &found->second.caller;
  }

  // REQUIRES: Find was called before with the generation that `caller` was established in.
  void Add(const SipHash128& key, const Caller& caller, UnixMs until_ms) {
    if (entries_.size() >= size_max_) entries_.clear();
    entries_.insert_or_assign(key, Entry{caller, until_ms});
  }

  uint64_t remembered = 0;
  uint64_t established = 0;

 private:
  struct Entry {
    Caller caller;
    UnixMs until_ms = 0;
  };

  const size_t size_max_;
  const SipHasher hasher_;
  uint64_t generation_ = 0;
  boost::unordered_flat_map<SipHash128, Entry, std::hash<SipHash128>> entries_;
};

Authenticator::Authenticator(const KeyRing& ring, Options options)
    : ring_(ring), options_(options), memory_(std::make_unique<Memory>(options.remembered_max)) {}

Authenticator::~Authenticator() = default;

Admission Authenticator::Authenticate(const http::Request& request) {
  const std::string_view api_key = request.Find("dd-api-key");
  const std::string_view application_key = request.Find("dd-application-key");
  const bool has_keys = !api_key.empty() || !application_key.empty();
  const std::string_view token =
      has_keys ? std::string_view() : BearerToken(request.Find("authorization"));
  if (!has_keys && token.empty()) return {std::nullopt, AuthRefusal::kNothingSent};

  const UnixMs now_ms = options_.clock->Now();
  const uint64_t generation = ring_.generation();  // before anything is asked of the ring
  const bool is_bare_key = !has_keys && IsOfDirectories(request) && !LooksLikeJwt(token);
  // What opens one part of the API must not be remembered for the other.
  const SipHash128 key =
      memory_->KeyOf(is_bare_key ? "directories" : api_key, application_key, token);
  if (const Caller* known = memory_->Find(key, generation, now_ms)) {
    return {*known, AuthRefusal::kNone};
  }
  ++memory_->established;
  UnixMs until_ms = kForeverMs;
  Admission admission = has_keys      ? FromKeys(api_key, application_key, now_ms, until_ms)
                        : is_bare_key ? FromApplicationKey(token, now_ms, until_ms)
                                      : FromToken(token, now_ms, until_ms);
  if (admission.ok()) memory_->Add(key, *admission.caller, until_ms);
  return admission;
}

Admission Authenticator::FromKeys(std::string_view api_text, std::string_view application_text,
                                  UnixMs now_ms, UnixMs& until_ms) const {
  if (api_text.empty()) return {std::nullopt, AuthRefusal::kNothingSent};
  if (api_text.size() > kKeyTextBytesMax || application_text.size() > kKeyTextBytesMax) {
    return {std::nullopt, AuthRefusal::kUnknownKey};
  }
  const bool has_application_key = !application_text.empty();
  const std::optional<RingKey> api_key = ring_.Find(KeyDigest(api_text));
  const std::optional<RingKey> application_key =
      has_application_key ? ring_.Find(KeyDigest(application_text)) : std::nullopt;
  AuthRefusal refusal = Check(api_key, KeyKind::kApi, now_ms);
  if (refusal == AuthRefusal::kNone && has_application_key) {
    refusal = Check(application_key, KeyKind::kApplication, now_ms);
    if (refusal == AuthRefusal::kNone && application_key->org != api_key->org) {
      refusal = AuthRefusal::kOtherOrg;
    }
  }
  if (refusal != AuthRefusal::kNone) return {std::nullopt, refusal};

  Caller caller;
  caller.org = api_key->org;
  caller.address = api_key->address;
  caller.api_key = api_key->id;
  caller.rights = has_application_key ? application_key->rights : api_key->rights;
  until_ms = api_key->expires_at_ms.value_or(kForeverMs);
  if (has_application_key) {
    caller.application_key = application_key->id;
    caller.principal = application_key->owner;
    until_ms = std::min(until_ms, application_key->expires_at_ms.value_or(kForeverMs));
  }
  return {caller, AuthRefusal::kNone};
}

Admission Authenticator::FromApplicationKey(std::string_view text, UnixMs now_ms,
                                            UnixMs& until_ms) const {
  if (text.size() > kKeyTextBytesMax) return {std::nullopt, AuthRefusal::kUnknownKey};
  const std::optional<RingKey> key = ring_.Find(KeyDigest(text));
  const AuthRefusal refusal = Check(key, KeyKind::kApplication, now_ms);
  if (refusal != AuthRefusal::kNone) return {std::nullopt, refusal};
  Caller caller;
  caller.org = key->org;
  caller.address = key->address;
  caller.application_key = key->id;
  caller.principal = key->owner;
  caller.rights = key->rights;
  until_ms = key->expires_at_ms.value_or(kForeverMs);
  return {caller, AuthRefusal::kNone};
}

Admission Authenticator::FromToken(std::string_view token, UnixMs now_ms, UnixMs& until_ms) {
  if (options_.oidc == nullptr) return {std::nullopt, AuthRefusal::kTokenUntrusted};
  Caller caller;
  const AuthRefusal refusal = options_.oidc->Verify(token, now_ms, caller, until_ms);
  if (refusal != AuthRefusal::kNone) return {std::nullopt, refusal};
  return {caller, AuthRefusal::kNone};
}

uint64_t Authenticator::remembered_count() const { return memory_->remembered; }
uint64_t Authenticator::established_count() const { return memory_->established; }

}  // namespace conntrail
