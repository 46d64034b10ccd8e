#include "projections/views/cursor.h"

#include "events/base/base64url.h"
#include "events/base/bytes.h"
#include "events/base/sha256.h"
#include "projections/store/keys.h"

namespace conntrail {
namespace {

constexpr uint8_t kLayout = 1;
constexpr size_t kHeaderBytes = 1 + 4 + 6 + 6 + 2;
constexpr size_t kRestBytesMax = 8192;  // the longest name, and an id

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
