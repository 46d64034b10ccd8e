#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conntrail {

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;

inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes ToBytes(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

// Lower-case hexadecimal, two digits a byte.
std::string ToHex(ByteSpan bytes);

// True if `text` is well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above
// U+10FFFF.
bool IsUtf8(std::string_view text);

// Number of bytes at the front of `text` that are well-formed UTF-8 by themselves.
size_t Utf8PrefixBytes(std::string_view text);

// True if `text` is well-formed UTF-8 without NUL: what every text of ours is.
bool IsText(std::string_view text);

// Big-endian integers, as all keys and headers of ours are written, so that bytes sort as numbers
// do. `width` is in bytes, 1 to 8; the value must fit.
void AppendBigEndian(std::string& out, uint64_t value, int width);
uint64_t ReadBigEndian(std::string_view bytes);

}  // namespace conntrail
