#include "events/base/bytes.h"

#include <cstring>

#include "events/base/check.h"

namespace conntrail {
namespace {

// Number of bytes below 0x80 at the front, eight at a time: most text is ASCII.
size_t LengthOfAscii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof(word));
    if ((word & 0x8080808080808080u) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

}  // namespace

std::string ToHex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    hex.push_back(kDigits[std::to_integer<unsigned>(b) >> 4]);
    hex.push_back(kDigits[std::to_integer<unsigned>(b) & 15]);
  }
  return hex;
}

size_t Utf8PrefixBytes(std::string_view text) {
  size_t i = LengthOfAscii(text);
  const auto byte_at = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  while (i < text.size()) {
    const unsigned char first = byte_at(i);
    if (first < 0x80) {
      i += LengthOfAscii(text.substr(i));
      continue;
    }
    // Unicode 15, table 3-7: the second byte carries the limits, the rest are plain continuations.
    size_t length;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
      length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
      length = 3;
      if (first == 0xE0) low = 0xA0;
      if (first == 0xED) high = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
      length = 4;
      if (first == 0xF0) low = 0x90;
      if (first == 0xF4) high = 0x8F;
    } else {
      return i;
    }
    if (text.size() - i < length) return i;
    if (byte_at(i + 1) < low || byte_at(i + 1) > high) return i;
    for (size_t k = 2; k < length; ++k) {
      if ((byte_at(i + k) & 0xC0) != 0x80) return i;
    }
    i += length;
  }
  return i;
}

bool IsUtf8(std::string_view text) { return Utf8PrefixBytes(text) == text.size(); }

bool IsText(std::string_view text) {
  return text.find('\0') == std::string_view::npos && IsUtf8(text);
}

void AppendBigEndian(std::string& out, uint64_t value, int width) {
  CONNTRAIL_CHECK(width >= 1 && width <= 8 && (width == 8 || value >> (8 * width) == 0));
  char bytes[8];
  for (int i = width - 1; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value);
  out.append(bytes, static_cast<size_t>(width));
}

uint64_t ReadBigEndian(std::string_view bytes) {
  CONNTRAIL_CHECK(bytes.size() <= 8);
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace conntrail
