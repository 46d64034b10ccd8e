#include <cstddef>
#include <cstdint>

#include "events/base/check.h"
#include "projections/merkle/tile.h"

// Any bytes are answered; a path of a tile and a bundle of entries have one spelling each.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;          // NOLINT: the function cannot stand in a namespace
  using namespace conntrail::merkle;  // NOLINT
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<TileId> tile = ParseTilePath(text);
  if (tile.ok()) {
    CONNTRAIL_CHECK(TilePath(*tile) == text);
    (void)HasTile(uint64_t{1} << 62, *tile);
  }

  if (size == 0) return 0;
  const uint32_t width = 1 + data[0];
  const Result<std::vector<std::string_view>> entries = DecodeBundle(text.substr(1), width);
  if (entries.ok()) {
    CONNTRAIL_CHECK(entries->size() == width);
    std::string bundle;
    for (const std::string_view entry : *entries) AppendEntry(bundle, AsBytes(entry));
    CONNTRAIL_CHECK(bundle == text.substr(1));
  }
  return 0;
}
