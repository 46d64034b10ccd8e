#include "services/auth/siphash.h"

#include <cstring>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace conntrail {
namespace {

// The same by OpenSSL.
std::string Expected(const std::array<uint8_t, 16>& key, std::string_view bytes) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
      EVP_MAC_fetch(nullptr, "SIPHASH", nullptr), &EVP_MAC_free);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(mac.get()), &EVP_MAC_CTX_free);
  size_t size = 16;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
  unsigned char out[16] = {};
  EXPECT_EQ(EVP_MAC_init(context.get(), key.data(), key.size(), parameters), 1);
  EXPECT_EQ(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                           bytes.size()),
            1);
  EXPECT_EQ(EVP_MAC_final(context.get(), out, &size, sizeof(out)), 1);
  return {reinterpret_cast<const char*>(out), sizeof(out)};
}

TEST(SipHash, IsWhatOthersMakeOfTheSameBytesAtEveryLength) {
  std::array<uint8_t, 16> key{};
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i * 7 + 1);
  const SipHasher hasher(key);
  std::string bytes;
  for (int length = 0; length <= 300; ++length) {
    const SipHash128 hash = hasher(bytes);
    std::string got(16, '\0');
    std::memcpy(got.data(), &hash.low, 8);
    std::memcpy(got.data() + 8, &hash.high, 8);
    ASSERT_EQ(got, Expected(key, bytes)) << length;
    bytes.push_back(static_cast<char>(length * 31));
  }
}

TEST(SipHash, EachProcessHasAKeyOfItsOwn) {
  std::set<uint64_t> hashes;
  for (int i = 0; i < 100; ++i) hashes.insert(SipHasher()("the same").low);
  EXPECT_EQ(hashes.size(), size_t{100});
}

}  // namespace
}  // namespace conntrail
