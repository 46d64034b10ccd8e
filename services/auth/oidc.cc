#include "services/auth/oidc.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "events/base/json_reader.h"
#include "events/model/enum_names.h"

namespace conntrail {
namespace {

constexpr UnixMs kLeewayMs = 60'000;  // between the issuer's clock and ours
constexpr UnixMs kSecondsMax = kTimeMsMax / 1000;
// How long an answer counts before the token is looked at again: keys may have been withdrawn.
constexpr UnixMs kRememberedMs = 300'000;
constexpr UnixMs kAskPauseMinMs = 10'000;
constexpr UnixMs kAskPauseMaxMs = 300'000;

struct Claims {
  std::string issuer;
  std::string subject;
  std::string org;
  std::vector<std::string> audiences;
  std::vector<std::string> scopes;
  std::optional<UnixMs> expires_at_ms;
  std::optional<UnixMs> not_before_ms;
};

// A text, or a list of texts.
std::vector<std::string> ReadTexts(JsonReader& reader, const JsonValue& value) {
  if (value.kind == JsonKind::kText) return {value.text};
  std::vector<std::string> texts;
  for (const JsonValue& item : reader.Items(value)) texts.push_back(reader.Text(item));
  return texts;
}

std::optional<UnixMs> ReadSeconds(JsonReader& reader, const JsonValue* value) {
  if (value == nullptr) return std::nullopt;
  const int64_t seconds = reader.Int(*value);
  if (seconds < 0 || seconds > kSecondsMax) {
    reader.Fail(*value, "must be a time in seconds");
    return std::nullopt;
  }
  return seconds * 1000;
}

std::vector<std::string> SplitAtSpaces(const std::vector<std::string>& texts) {
  std::vector<std::string> words;
  for (const std::string& text : texts) {
    for (size_t from = 0; from < text.size();) {
      const size_t to = std::min(text.find(' ', from), text.size());
      if (to > from) words.push_back(text.substr(from, to - from));
      from = to + 1;
    }
  }
  return words;
}

Result<Claims> ReadClaims(std::string_view json, const OidcSettings& settings) {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue root, ParseJson(json));
  JsonReader reader(root);
  Claims claims;
  const auto read = [&](std::string_view name, std::string& text) {
    if (const JsonValue* value = reader.Require(root, name)) text = reader.Text(*value);
  };
  read("iss", claims.issuer);
  read("sub", claims.subject);
  if (!settings.org_claim.empty()) read(settings.org_claim, claims.org);
  if (const JsonValue* value = reader.Require(root, "aud")) {
    claims.audiences = ReadTexts(reader, *value);
  }
  claims.expires_at_ms = ReadSeconds(reader, reader.Require(root, "exp"));
  claims.not_before_ms = ReadSeconds(reader, reader.Find(root, "nbf"));
  if (const JsonValue* value = reader.Find(root, settings.scope_claim)) {
    claims.scopes = SplitAtSpaces(ReadTexts(reader, *value));
  }
  CONNTRAIL_RETURN_IF_ERROR(reader.status());
  return claims;
}

uint64_t RightsOf(const std::vector<std::string>& scopes) {
  uint64_t rights = 0;
  for (size_t bit = 0; bit < kRightNames.size(); ++bit) {
    const bool named = std::find(scopes.begin(), scopes.end(), kRightNames[bit]) != scopes.end();
    if (named) rights |= uint64_t{1} << bit;
  }
  return rights;
}

}  // namespace

Oidc::Oidc(const KeyRing& ring, OidcSettings settings, std::function<void()> ask_for_keys)
    : ring_(ring), settings_(std::move(settings)), ask_for_keys_(std::move(ask_for_keys)) {}

Status Oidc::TakeKeys(std::string_view json) {
  CONNTRAIL_ASSIGN_OR_RETURN(keys_, JwkSet::Parse(json));
  return Status::Ok();
}

bool Oidc::AskForKeys(UnixMs now_ms) {
  if (!ask_for_keys_ || now_ms < ask_next_ms_) return false;
  ask_pause_ms_ = std::clamp(ask_pause_ms_ * 2, kAskPauseMinMs, kAskPauseMaxMs);
  ask_next_ms_ = now_ms + ask_pause_ms_;
  ask_for_keys_();
  return true;
}

AuthRefusal Oidc::CheckSignature(const Jws& jws, UnixMs now_ms) {
  switch (keys_.Verify(jws)) {
    case JwkSet::Verdict::kGood:
      ask_pause_ms_ = 0;
      return AuthRefusal::kNone;
    case JwkSet::Verdict::kUnknownKey:
      return AskForKeys(now_ms) ? AuthRefusal::kTokenKeysMissing : AuthRefusal::kTokenUntrusted;
    case JwkSet::Verdict::kBad:
      break;
  }
  return AuthRefusal::kTokenUntrusted;
}

AuthRefusal Oidc::Verify(std::string_view token, UnixMs now_ms, Caller& caller, UnixMs& until_ms) {
  const Result<Jws> jws = ParseJws(token);
  if (!jws.ok()) return AuthRefusal::kTokenMalformed;
  const AuthRefusal signature = CheckSignature(*jws, now_ms);
  if (signature != AuthRefusal::kNone) return signature;
  const Result<Claims> claims = ReadClaims(jws->payload, settings_);
  if (!claims.ok()) return AuthRefusal::kTokenMalformed;
  const bool is_for_us = std::find(claims->audiences.begin(), claims->audiences.end(),
                                   settings_.audience) != claims->audiences.end();
  if (claims->issuer != settings_.issuer || !is_for_us) return AuthRefusal::kTokenUntrusted;
  const UnixMs ends_ms = *claims->expires_at_ms + kLeewayMs;
  if (now_ms >= ends_ms || now_ms + kLeewayMs < claims->not_before_ms.value_or(0)) {
    return AuthRefusal::kTokenExpired;
  }
  const auto org = ring_.FindOrg(settings_.org_claim.empty() ? settings_.org : claims->org);
  if (!org) return AuthRefusal::kTokenUnknownSubject;
  const std::optional<KnownAccount> account = ring_.FindSubject(org->org, claims->subject);
  if (!account) return AuthRefusal::kTokenUnknownSubject;
  if (!account->active) return AuthRefusal::kOwnerInactive;

  caller = Caller();
  caller.org = org->org;
  caller.address = org->address;
  caller.principal = account->id;
  caller.rights = RightsOf(claims->scopes) & settings_.rights_allowed;
  until_ms = std::min(ends_ms, now_ms + kRememberedMs);
  return AuthRefusal::kNone;
}

}  // namespace conntrail
