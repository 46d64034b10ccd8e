#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/check.h"
#include "projections/store/memory_store.h"
#include "services/auth/oidc.h"
#include "tests/services/auth/token_signer.h"

namespace conntrail {
namespace {

constexpr UnixMs kNowMs = 1'714'564'800'000;

// An issuer that is trusted, and a directory without anybody in it.
struct World {
  World() : oidc(ring, Settings()) {
    CONNTRAIL_CHECK(ring.Add(store, PartitionId(0)).ok());
    CONNTRAIL_CHECK(oidc.TakeKeys(issuer.JwkSetText()).ok());
  }
  static OidcSettings Settings() {
    OidcSettings settings;
    settings.issuer = "https://id.example";
    settings.audience = "conntrail";
    settings.org_claim = "org";
    settings.rights_allowed = right::kAll;
    return settings;
  }

  TokenSigner issuer{"ES256", "k1"};
  MemoryStore store;
  KeyRing ring;
  Oidc oidc;
};

void Try(World& world, std::string_view token) {
  Caller caller;
  UnixMs until_ms = 0;
  CONNTRAIL_CHECK(world.oidc.Verify(token, kNowMs, caller, until_ms) != AuthRefusal::kNone);
}

}  // namespace
}  // namespace conntrail

// The text as a token, as the claims of one that the issuer has signed, and as the issuer's keys:
// nobody gets in who is not in the directory.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static conntrail::World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  conntrail::Try(world, text);
  conntrail::Try(world, world.issuer.Sign(std::string(text)));
  (void)conntrail::JwkSet::Parse(text);
  return 0;
}
