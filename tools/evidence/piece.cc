#include "tools/evidence/piece.h"

#include <zlib.h>

#include "events/base/check.h"

namespace conntrail::evidence {
namespace {

constexpr int kRaw = -15;  // a window of 32 KiB, without zlib's own header
constexpr int kMemoryLevel = 9;

// Ends at a whole byte, with a block that is not the last.
std::string Deflate(std::string_view text) {
  z_stream stream{};
  CONNTRAIL_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kRaw, kMemoryLevel,
                               Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_SYNC_FLUSH);
  CONNTRAIL_CHECK(result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

Piece MakePiece(std::string text, bool deflate) {
  Piece piece;
  piece.bytes = text.size();
  piece.crc32 =
      static_cast<uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
  piece.deflated = deflate;
  piece.stored = deflate ? Deflate(text) : std::move(text);
  return piece;
}

}  // namespace conntrail::evidence
