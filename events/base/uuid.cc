#include "events/base/uuid.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "events/base/bytes.h"
#include "events/base/check.h"

namespace conntrail {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr bool IsDashAt(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

Uuid WithVersion(Uuid id, uint64_t version) {
  id.hi = (id.hi & ~uint64_t{0xF000}) | version << 12;
  id.lo = (id.lo & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  return id;
}

}  // namespace

std::string Uuid::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int digit = 0; digit < 32; ++digit) {
    if (IsDashAt(text.size())) text.push_back('-');
    const uint64_t half = digit < 16 ? hi : lo;
    text.push_back(kDigits[half >> (60 - 4 * (digit % 16)) & 15]);
  }
  return text;
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  int digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDashAt(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    uint64_t& half = digit < 16 ? id.hi : id.lo;
    half = half << 4 | static_cast<uint64_t>(value);
    ++digit;
  }
  return id;
}

Uuid Uuid::FromName(const Uuid& name_space, std::string_view name) {
  std::string input;
  AppendBigEndian(input, name_space.hi, 8);
  AppendBigEndian(input, name_space.lo, 8);
  input.append(name);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CONNTRAIL_CHECK(EVP_Digest(input.data(), input.size(), digest, &size, EVP_sha1(), nullptr) == 1);
  const std::string_view bytes(reinterpret_cast<const char*>(digest), 16);
  return WithVersion({ReadBigEndian(bytes.substr(0, 8)), ReadBigEndian(bytes.substr(8, 8))}, 5);
}

Uuid Uuid::FromTime(int64_t unix_ms, const Uuid& random) {
  const uint64_t time = static_cast<uint64_t>(unix_ms < 0 ? 0 : unix_ms) & 0xFFFFFFFFFFFFu;
  return WithVersion({time << 16 | (random.hi & 0xFFF), random.lo}, 7);
}

Uuid Uuid::NewTimeOrdered(int64_t unix_ms) {
  Uuid random;
  CONNTRAIL_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&random), sizeof(random)) == 1);
  return FromTime(unix_ms, random);
}

}  // namespace conntrail
