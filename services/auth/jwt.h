#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace conntrail {

// The signatures that are taken. Whatever else a token names ("none", HS256, ...) is refused before
// anything is computed, so that no token chooses how it is checked.
enum class JwtAlgorithm : uint8_t { kRs256, kEs256, kEdDsa };

// A signed token (JWS compact serialization, RFC 7515), taken apart. Nothing of it is to be
// believed before its signature is verified. The views point into what was parsed.
struct Jws {
  JwtAlgorithm algorithm = JwtAlgorithm::kRs256;
  std::string key_id;             // "kid"; empty if there is none
  std::string_view signed_bytes;  // header and payload, as they were signed
  std::string payload;
  std::string signature;
};

inline constexpr size_t kTokenBytesMax = 8192;

// kInvalidArgument: not three parts of strict base64url (no padding, no stray bits), a header that
// is no JSON object, another algorithm, a critical extension ("crit"), or too long.
Result<Jws> ParseJws(std::string_view token);

// Strict base64url (RFC 4648 section 5) without padding; false if `text` is anything else.
bool DecodeBase64Url(std::string_view text, std::string& bytes);

}  // namespace conntrail
