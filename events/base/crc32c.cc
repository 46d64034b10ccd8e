#include "events/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace conntrail {
namespace {

using Table = std::array<std::array<uint32_t, 256>, 8>;

// kTable[k][b] is the effect of byte b followed by k zero bytes ("slicing by 8").
constexpr Table MakeTable() {
  Table table{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0x82F63B78u & (0u - (crc & 1)));
    table[0][b] = crc;
  }
  for (uint32_t b = 0; b < 256; ++b) {
    for (size_t k = 1; k < 8; ++k) {
      table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xFF];
    }
  }
  return table;
}
constexpr Table kTable = MakeTable();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ExtendWithInstruction(uint32_t crc, ByteSpan bytes) {
  uint64_t state = ~crc;
  while (bytes.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    state = _mm_crc32_u64(state, word);
    bytes = bytes.subspan(8);
  }
  uint32_t rest = static_cast<uint32_t>(state);
  for (const std::byte b : bytes) rest = _mm_crc32_u8(rest, std::to_integer<uint8_t>(b));
  return ~rest;
}
#endif

}  // namespace

uint32_t ExtendCrc32cPortable(uint32_t crc, ByteSpan bytes) {
  uint32_t state = ~crc;
  const auto byte_at = [&](size_t i) { return std::to_integer<uint32_t>(bytes[i]); };
  while (bytes.size() >= 8) {
    state ^= byte_at(0) | byte_at(1) << 8 | byte_at(2) << 16 | byte_at(3) << 24;
    state = kTable[7][state & 0xFF] ^ kTable[6][state >> 8 & 0xFF] ^ kTable[5][state >> 16 & 0xFF] ^
            kTable[4][state >> 24] ^ kTable[3][byte_at(4)] ^ kTable[2][byte_at(5)] ^
            kTable[1][byte_at(6)] ^ kTable[0][byte_at(7)];
    bytes = bytes.subspan(8);
  }
  for (const std::byte b : bytes) {
    state = state >> 8 ^ kTable[0][(state ^ std::to_integer<uint32_t>(b)) & 0xFF];
  }
  return ~state;
}

uint32_t ExtendCrc32c(uint32_t crc, ByteSpan bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return ExtendWithInstruction(crc, bytes);
#endif
  return ExtendCrc32cPortable(crc, bytes);
}

}  // namespace conntrail
