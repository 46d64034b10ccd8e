#include "projections/merkle/tile.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/base/number.h"

namespace conntrail::merkle {
namespace {

constexpr std::string_view kTile = "tile/";
constexpr std::string_view kEntries = "entries";
constexpr std::string_view kPartial = ".p/";
constexpr size_t kDigits = 3;

// How many hashes of tiles of that level a tree has.
uint64_t HashesOfLevel(uint64_t size, int level) {
  const int shift = kTileHeight * level;
  return shift > kTileLevelMax ? 0 : size >> shift;
}

Status Fault(std::string_view path, std::string_view expected, std::string_view found) {
  return Status::InvalidArgument(fmt::format("tile path \"{}\": expected {}, found \"{}\"",
                                             path.substr(0, 120), expected, found.substr(0, 40)));
}

// Decimal without zeros in front, from `min` to `max`.
bool ParseDecimal(std::string_view text, uint32_t min, uint32_t max, uint32_t& number) {
  const std::optional<uint32_t> read = ParseNumber<uint32_t>(text);
  if (!read || *read < min || *read > max || (text.size() > 1 && text.front() == '0')) return false;
  number = *read;
  return true;
}

bool ParseIndex(std::string_view text, uint64_t& index) {
  index = 0;
  bool is_first = true;
  while (true) {
    const bool is_last = !text.starts_with('x');
    if (!is_last) text.remove_prefix(1);
    const std::string_view group = text.substr(0, kDigits);
    const bool is_number =
        group.size() == kDigits &&
        std::all_of(group.begin(), group.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) return false;
    if (is_first && !is_last && group == "000") return false;  // zeros in front
    index = index * 1000 + static_cast<uint64_t>(group[0] - '0') * 100 +
            static_cast<uint64_t>(group[1] - '0') * 10 + static_cast<uint64_t>(group[2] - '0');
    if (index > kTileIndexMax) return false;
    text.remove_prefix(kDigits);
    if (is_last) return text.empty();
    if (!text.starts_with('/')) return false;
    text.remove_prefix(1);
    is_first = false;
  }
}

}  // namespace

std::string TilePath(const TileId& tile) {
  std::string index = fmt::format("{:03}", tile.index % 1000);
  for (uint64_t rest = tile.index / 1000; rest > 0; rest /= 1000) {
    index = fmt::format("x{:03}/{}", rest % 1000, index);
  }
  return fmt::format("{}{}/{}{}", kTile,
                     tile.is_entries ? std::string(kEntries) : std::to_string(tile.level), index,
                     tile.width == kTileWidth ? "" : fmt::format("{}{}", kPartial, tile.width));
}

Result<TileId> ParseTilePath(std::string_view path) {
  std::string_view rest = path;
  if (!rest.starts_with(kTile)) return Fault(path, "\"tile/\" in front", path);
  rest.remove_prefix(kTile.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return Fault(path, "a level and an index", rest);
  TileId tile;
  const std::string_view level = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  tile.is_entries = level == kEntries;
  uint32_t number = 0;
  if (!tile.is_entries && !ParseDecimal(level, 0, kTileLevelMax, number)) {
    return Fault(path, "a level, 0 to 63, or \"entries\"", level);
  }
  tile.level = static_cast<int>(number);
  if (const size_t dot = rest.find('.'); dot != std::string_view::npos) {
    const std::string_view partial = rest.substr(dot);
    if (!partial.starts_with(kPartial) ||
        !ParseDecimal(partial.substr(kPartial.size()), 1, kTileWidth - 1, tile.width)) {
      return Fault(path, "\".p/\" and a width, 1 to 255", partial);
    }
    rest = rest.substr(0, dot);
  }
  if (!ParseIndex(rest, tile.index)) {
    return Fault(path, "an index as x001/x234/067", rest);
  }
  return tile;
}

bool HasTile(uint64_t size, const TileId& tile) {
  if (tile.index >= TilesOfLevel(size, tile.level)) return false;
  return TileOfLevel(size, tile.level, tile.index).width == tile.width;
}

uint64_t TilesOfLevel(uint64_t size, int level) {
  const uint64_t hashes = HashesOfLevel(size, level);
  return hashes / kTileWidth + (hashes % kTileWidth != 0 ? 1 : 0);
}

TileId TileOfLevel(uint64_t size, int level, uint64_t index) {
  const uint64_t left = HashesOfLevel(size, level) - index * kTileWidth;
  return {.level = level,
          .index = index,
          .width = static_cast<uint32_t>(std::min<uint64_t>(left, kTileWidth))};
}

std::vector<TileId> TilesOf(uint64_t size) {
  std::vector<TileId> tiles;
  for (int level = 0; TilesOfLevel(size, level) > 0; ++level) {
    const uint64_t count = TilesOfLevel(size, level);
    for (uint64_t index = 0; index < count; ++index) {
      tiles.push_back(TileOfLevel(size, level, index));
    }
  }
  return tiles;
}

Result<std::string> EncodeTile(NodeSource& nodes, const TileId& tile) {
  std::string bytes;
  bytes.reserve(tile.width * sizeof(Hash));
  for (uint32_t i = 0; i < tile.width; ++i) {
    const NodeId node{kTileHeight * tile.level, tile.index * kTileWidth + i};
    CONNTRAIL_ASSIGN_OR_RETURN(const Hash hash, nodes.Node(node));
    bytes.append(hash.begin(), hash.end());
  }
  return bytes;
}

Result<std::vector<Hash>> DecodeTile(std::string_view bytes, uint32_t width) {
  if (bytes.size() != width * sizeof(Hash)) {
    return Status::Corruption(fmt::format("tile: expected {} hashes, {} bytes, found {} bytes",
                                          width, width * sizeof(Hash), bytes.size()));
  }
  std::vector<Hash> hashes(width);
  std::memcpy(hashes.data(), bytes.data(), bytes.size());
  return hashes;
}

void AppendEntry(std::string& bundle, ByteSpan head, ByteSpan rest) {
  const size_t size = head.size() + rest.size();
  CONNTRAIL_CHECK(size <= kEntryBytesMax);
  AppendBigEndian(bundle, size, 2);
  bundle.append(AsText(head));
  bundle.append(AsText(rest));
}

Result<std::vector<std::string_view>> DecodeBundle(std::string_view bundle, uint32_t width) {
  std::vector<std::string_view> entries;
  entries.reserve(width);
  size_t at = 0;
  const auto fault = [&](std::string_view expected, std::string_view found) {
    return Status::Corruption(fmt::format("bundle, entry {}, byte {}: expected {}, found {}",
                                          entries.size(), at, expected, found));
  };
  for (uint32_t i = 0; i < width; ++i) {
    const size_t left = bundle.size() - at;
    if (left < 2) {
      return fault(fmt::format("entry {} of {}", i, width), fmt::format("{} bytes", left));
    }
    const size_t size = ReadBigEndian(bundle.substr(at, 2));
    if (size > left - 2) {
      return fault(fmt::format("an entry of {} bytes", size), fmt::format("{} bytes", left - 2));
    }
    entries.push_back(bundle.substr(at + 2, size));
    at += 2 + size;
  }
  if (at != bundle.size()) {
    return fault(fmt::format("the end after {} entries", width),
                 fmt::format("{} more bytes", bundle.size() - at));
  }
  return entries;
}

}  // namespace conntrail::merkle
