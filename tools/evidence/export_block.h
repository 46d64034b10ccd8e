#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "projections/merkle/tile.h"
#include "tools/evidence/export_source.h"
#include "tools/evidence/piece.h"

namespace conntrail::evidence {

using Totals = std::map<std::string, uint64_t>;

// A text that is a part of a file: as it is, and as it is stored.
struct BlockText {
  std::string text;  // empty once `piece` holds it itself
  Piece piece;

  std::string_view view() const { return piece.deflated ? text : piece.stored; }
};

// Some records of a trail with all that an export says of them. Blocks begin at multiples of
// kBlockLeaves, so that bundles are whole.
struct ExportBlock {
  struct Bundle {
    merkle::TileId tile;
    std::array<uint8_t, 32> sha256{};
    Piece piece;
  };

  std::vector<merkle::Hash> leaves;  // hashes of all of them
  std::vector<Bundle> bundles;       // those with records of the range
  BlockText ndjson;
  BlockText csv;
  BlockText ocsf;
  uint64_t records = 0;  // of the range
  uint64_t ocsf_rows = 0;
  Totals by_outcome;
  Totals by_type;
};

inline constexpr uint64_t kBlockLeaves = 8 * merkle::kTileWidth;

struct BlockRange {
  uint64_t size = 0;   // of the tree
  uint64_t begin = 0;  // what is exported
  uint64_t end = 0;
};

// Block number `number` of the tree.
Result<ExportBlock> MakeBlock(ExportReader& reader, const BlockRange& range, uint64_t number,
                              bool deflate);

}  // namespace conntrail::evidence
