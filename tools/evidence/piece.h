#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace conntrail::evidence {

// A piece of a file, as it is stored.
struct Piece {
  std::string stored;
  uint64_t bytes = 0;  // before it was deflated
  uint32_t crc32 = 0;  // of those
  bool deflated = false;
};

// Pieces of one file stand one after the other; deflated ones make one deflate stream together with
// kDeflateEnd after the last.
Piece MakePiece(std::string text, bool deflate);

inline constexpr std::string_view kDeflateEnd("\x03\x00", 2);

}  // namespace conntrail::evidence
