#include "services/api/random_ids.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include "events/base/check.h"

namespace conntrail::api {
namespace {

Uuid RandomBits() {
  Uuid bits;
  CONNTRAIL_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof(bits)) == 1);
  return bits;
}

}  // namespace

Uuid NewRandomUuid() {
  Uuid id = RandomBits();
  id.hi = (id.hi & ~uint64_t{0xF000}) | 0x4000;
  id.lo = (id.lo & ~(uint64_t{3} << 62)) | uint64_t{1} << 63;
  return id;
}

std::string NewExternalId() {
  const Uuid bits = RandomBits();
  return fmt::format("{:016x}{:016x}", bits.hi, bits.lo);
}

}  // namespace conntrail::api
