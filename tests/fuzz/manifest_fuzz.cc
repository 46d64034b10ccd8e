#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "tools/verify/manifest.h"

// Any bytes are answered; what a manifest says can be said again, and names no file outside.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;          // NOLINT: the function cannot stand in a namespace
  using namespace conntrail::verify;  // NOLINT
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Manifest> manifest = ParseManifest(text);
  if (!manifest.ok()) return 0;
  CONNTRAIL_CHECK(ParseManifest(FormatManifest(*manifest)).value() == *manifest);
  for (const ManifestFile& file : manifest->files) {
    CONNTRAIL_CHECK(!file.path.starts_with('/') && file.path.find("../") == std::string::npos);
  }
  return 0;
}
