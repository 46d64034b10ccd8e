#include "services/auth/jwt.h"

#include <optional>

#include "events/base/json_reader.h"

namespace conntrail {
namespace {

constexpr size_t kKeyIdBytesMax = 256;

Status Malformed(std::string_view what) {
  return Status::InvalidArgument("the token " + std::string(what));
}

// -1: not of the alphabet.
int Base64UrlValue(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

std::optional<JwtAlgorithm> ParseAlgorithm(std::string_view name) {
  if (name == "RS256") return JwtAlgorithm::kRs256;
  if (name == "ES256") return JwtAlgorithm::kEs256;
  if (name == "EdDSA") return JwtAlgorithm::kEdDsa;
  return std::nullopt;
}

Status ReadHeader(std::string_view json, Jws& jws) {
  CONNTRAIL_ASSIGN_OR_RETURN(const JsonValue header, ParseJson(json));
  if (header.kind != JsonKind::kObject) return Malformed("has a header that is no object");
  JsonReader reader(header);
  if (reader.Find(header, "crit") != nullptr) return Malformed("has a critical extension");
  if (const JsonValue* algorithm = reader.Require(header, "alg")) {
    const std::optional<JwtAlgorithm> known = ParseAlgorithm(reader.Text(*algorithm));
    if (!known) return Malformed("has a signature that is not taken");
    jws.algorithm = *known;
  }
  if (const JsonValue* key_id = reader.Find(header, "kid")) {
    jws.key_id = reader.Text(*key_id);
    if (jws.key_id.size() > kKeyIdBytesMax) return Malformed("has too long a key id");
  }
  return reader.status();
}

}  // namespace

bool DecodeBase64Url(std::string_view text, std::string& bytes) {
  bytes.clear();
  if (text.size() % 4 == 1) return false;
  bytes.reserve(text.size() / 4 * 3 + 2);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = Base64UrlValue(c);
    if (value < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count));
    bits &= (1u << count) - 1;
  }
  return bits == 0;  // what is left belongs to no byte: one text for the same bytes, not several
}

Result<Jws> ParseJws(std::string_view token) {
  if (token.size() > kTokenBytesMax) return Malformed("is too long");
  const size_t first = token.find('.');
  const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) {
    return Malformed("has not three parts");
  }
  Jws jws;
  jws.signed_bytes = token.substr(0, second);
  std::string header;
  if (!DecodeBase64Url(token.substr(0, first), header) ||
      !DecodeBase64Url(token.substr(first + 1, second - first - 1), jws.payload) ||
      !DecodeBase64Url(token.substr(second + 1), jws.signature)) {
    return Malformed("is not base64url");
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadHeader(header, jws));
  return jws;
}

}  // namespace conntrail
