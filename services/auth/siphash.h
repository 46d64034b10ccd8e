#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace conntrail {

// A keyed 128-bit hash.
struct SipHash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const SipHash128&) const = default;
};

// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein): without the key nobody can tell
// what a hash is of, nor make two texts with the same hash.
//
// Thread-safety: immutable.
class SipHasher {
 public:
  // Under a key from the system's random source, which nobody knows and nothing keeps.
  SipHasher();
  // For the tests' known answers.
  explicit SipHasher(const std::array<uint8_t, 16>& key);

  SipHash128 operator()(std::string_view bytes) const;

 private:
  uint64_t k0_ = 0;
  uint64_t k1_ = 0;
};

}  // namespace conntrail

template <>
struct std::hash<conntrail::SipHash128> {
  using is_avalanching = void;
  size_t operator()(const conntrail::SipHash128& of) const noexcept {
    return static_cast<size_t>(of.low);
  }
};
