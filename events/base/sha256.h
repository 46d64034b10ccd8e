#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "events/base/bytes.h"

namespace conntrail {

// SHA-256 (FIPS 180-4) of `bytes`.
std::array<uint8_t, 32> Sha256(ByteSpan bytes);

// SHA-256 of bytes that come in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Update(ByteSpan bytes);
  // REQUIRES: called once, last.
  std::array<uint8_t, 32> Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace conntrail
