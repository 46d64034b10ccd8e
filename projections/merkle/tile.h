#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/base/result.h"
#include "projections/merkle/proof.h"

// How a tree and its leaves are cut into files: C2SP tlog-tiles, sections "Merkle Tree", "Partial
// Tiles" and "Log entries".
//
//   path   := "tile/" ( level | "entries" ) "/" index ( ".p/" width )?
//   level  := 0 to 63, decimal
//   index  := ( "x" 3 digits "/" )* 3 digits       1234067 is x001/x234/067
//   width  := 1 to 255, decimal; only of what is not full
//   tile   := width * hash
//   bundle := width * ( u16 bytes of the entry, big-endian | entry )
namespace conntrail::merkle {

inline constexpr int kTileHeight = 8;
inline constexpr uint32_t kTileWidth = 1u << kTileHeight;
inline constexpr int kTileLevelMax = 63;
inline constexpr size_t kTileBytes = kTileWidth * sizeof(Hash);
inline constexpr size_t kEntryBytesMax = 65'535;
inline constexpr size_t kBundleBytesMax = kTileWidth * (2 + kEntryBytesMax);
inline constexpr uint64_t kTileIndexMax = (uint64_t{1} << 55) - 1;

struct TileId {
  bool is_entries = false;      // a bundle of entries; its level is 0
  int level = 0;                // of the tiles; nodes of the tree at level 8 * level
  uint64_t index = 0;           // at most kTileIndexMax
  uint32_t width = kTileWidth;  // 1 to kTileWidth

  bool operator==(const TileId&) const = default;
};

std::string TilePath(const TileId& tile);

// What TilePath writes and nothing else; kInvalidArgument says what was expected.
Result<TileId> ParseTilePath(std::string_view path);

// True if a tree of that size has this tile: full, or exactly as wide as its right edge is there.
bool HasTile(uint64_t size, const TileId& tile);

// Full and partial tiles of one level that a tree of that size has, from index 0 on.
uint64_t TilesOfLevel(uint64_t size, int level);
// The tile with that index. REQUIRES: index < TilesOfLevel(size, level).
TileId TileOfLevel(uint64_t size, int level, uint64_t index);
// All tiles of hashes, the lowest level first.
std::vector<TileId> TilesOf(uint64_t size);

// The bytes of a tile of hashes. REQUIRES: all of its hashes are complete in the tree.
Result<std::string> EncodeTile(NodeSource& nodes, const TileId& tile);

// The hashes in the bytes of a tile of that width; kCorruption: it has another number of bytes.
Result<std::vector<Hash>> DecodeTile(std::string_view bytes, uint32_t width);

// Appends an entry to a bundle; head and rest stand together.
// REQUIRES: both have at most kEntryBytesMax bytes.
void AppendEntry(std::string& bundle, ByteSpan head, ByteSpan rest = {});

// The entries of a bundle of that width; they point into `bundle`. kCorruption names the place.
Result<std::vector<std::string_view>> DecodeBundle(std::string_view bundle, uint32_t width);

}  // namespace conntrail::merkle
