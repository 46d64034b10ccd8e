#include "services/auth/siphash.h"

#include <bit>
#include <cstring>

#include <openssl/rand.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

static_assert(std::endian::native == std::endian::little);

uint64_t Load64(const char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Rounds(int count) {
    for (int i = 0; i < count; ++i) Round();
  }
  void Absorb(uint64_t word) {
    v3 ^= word;
    Rounds(2);
    v0 ^= word;
  }
  uint64_t Squeeze() {
    Rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

SipHasher::SipHasher() {
  uint64_t key[2] = {};
  CONNTRAIL_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(key), sizeof(key)) == 1);
  k0_ = key[0];
  k1_ = key[1];
}

SipHasher::SipHasher(const std::array<uint8_t, 16>& key)
    : k0_(Load64(reinterpret_cast<const char*>(key.data()))),
      k1_(Load64(reinterpret_cast<const char*>(key.data()) + 8)) {}

SipHash128 SipHasher::operator()(std::string_view bytes) const {
  State state{k0_ ^ 0x736f6d6570736575u, k1_ ^ 0x646f72616e646f6du ^ 0xee,
              k0_ ^ 0x6c7967656e657261u, k1_ ^ 0x7465646279746573u};
  const size_t whole = bytes.size() / 8 * 8;
  for (size_t at = 0; at < whole; at += 8) state.Absorb(Load64(bytes.data() + at));
  char last[8] = {};
  if (whole < bytes.size()) std::memcpy(last, bytes.data() + whole, bytes.size() - whole);
  state.Absorb(Load64(last) | static_cast<uint64_t>(bytes.size()) << 56);
  state.v2 ^= 0xee;
  SipHash128 hash;
  hash.low = state.Squeeze();
  state.v1 ^= 0xdd;
  hash.high = state.Squeeze();
  return hash;
}

}  // namespace conntrail
