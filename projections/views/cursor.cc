#include "projections/views/cursor.h"

#include <array>

#include "events/base/bytes.h"
#include "events/base/sha256.h"
#include "projections/store/keys.h"

namespace conntrail {
namespace {

constexpr uint8_t kLayout = 1;
constexpr size_t kHeaderBytes = 1 + 4 + 6 + 6 + 2;
constexpr size_t kRestBytesMax = 8192;  // the longest name, and an id
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Base 64 with the URL alphabet and without padding (RFC 4648 section 5).
std::string ToBase64Url(std::string_view bytes) {
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text.push_back(kAlphabet[bits >> (count - 6) & 63]);
  }
  if (count > 0) text.push_back(kAlphabet[bits << (6 - count) & 63]);
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count));
    }
  }
  // One spelling for one cursor: what is left over must be less than a digit, and zero.
  if (count >= 6 || (bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

uint32_t QueryMark(std::string_view canonical_query) {
  const Digest digest = Sha256(AsBytes(canonical_query));
  return uint32_t{digest[0]} << 24 | uint32_t{digest[1]} << 16 | uint32_t{digest[2]} << 8 |
         uint32_t{digest[3]};
}

std::string EncodeCursor(const Cursor& cursor, uint32_t query_mark) {
  std::string bytes;
  bytes.push_back(kLayout);
  AppendBigEndian(bytes, query_mark, 4);
  AppendBigEndian(bytes, static_cast<uint64_t>(cursor.place.time_ms) & keys::kPlaceNumberMax, 6);
  AppendBigEndian(bytes, cursor.place.index.value & keys::kPlaceNumberMax, 6);
  AppendBigEndian(bytes, cursor.rest.size(), 2);
  bytes += cursor.rest;
  return ToBase64Url(bytes);
}

Result<Cursor> DecodeCursor(std::string_view text, uint32_t query_mark) {
  const auto refused = [](std::string_view why) {
    return Status::InvalidArgument("the cursor " + std::string(why) +
                                   "; take it unchanged from the page before");
  };
  if (text.size() > (kHeaderBytes + kRestBytesMax) * 4 / 3 + 4) return refused("is too long");
  const std::optional<std::string> decoded = FromBase64Url(text);
  if (!decoded || decoded->size() < kHeaderBytes || decoded->front() != kLayout) {
    return refused("is not one of ours");
  }
  const std::string_view bytes = *decoded;
  if (ReadBigEndian(bytes.substr(1, 4)) != query_mark) return refused("belongs to another query");
  const size_t rest_bytes = ReadBigEndian(bytes.substr(17, 2));
  if (bytes.size() != kHeaderBytes + rest_bytes) return refused("is not whole");
  Cursor cursor;
  cursor.place.time_ms = static_cast<UnixMs>(ReadBigEndian(bytes.substr(5, 6)));
  cursor.place.index = OrgIndex(ReadBigEndian(bytes.substr(11, 6)));
  cursor.rest = bytes.substr(kHeaderBytes);
  return cursor;
}

}  // namespace conntrail
