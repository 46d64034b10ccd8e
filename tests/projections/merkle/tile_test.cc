#include "projections/merkle/tile.h"

#include <map>

#include <gtest/gtest.h>

namespace conntrail::merkle {
namespace {

TEST(TilePath, IsWhatTheSpecificationWrites) {
  const std::pair<TileId, std::string> examples[] = {
      {{.level = 0, .index = 0}, "tile/0/000"},
      {{.level = 0, .index = 999}, "tile/0/999"},
      {{.level = 1, .index = 1000}, "tile/1/x001/000"},
      {{.level = 0, .index = 1234067}, "tile/0/x001/x234/067"},
      {{.level = 63, .index = 273, .width = 112}, "tile/63/273.p/112"},
      {{.is_entries = true, .index = 1234067}, "tile/entries/x001/x234/067"},
      {{.is_entries = true, .index = 0, .width = 1}, "tile/entries/000.p/1"},
      {{.level = 0, .index = kTileIndexMax}, "tile/0/x036/x028/x797/x018/x963/967"},
  };
  for (const auto& [tile, path] : examples) {
    EXPECT_EQ(TilePath(tile), path);
    const Result<TileId> read = ParseTilePath(path);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, tile);
  }
}

TEST(TilePath, HasOneSpellingEach) {
  for (const std::string path :
       {"tile/0/x001/x234/067", "tile/entries/012.p/255", "tile/63/x010/000"}) {
    for (size_t at = 0; at < path.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string other = path;
        other[at] = static_cast<char>(c);
        const Result<TileId> read = ParseTilePath(other);
        if (read.ok()) {
          EXPECT_EQ(TilePath(*read), other);
        }
      }
      const Result<TileId> cut = ParseTilePath(path.substr(0, at));
      if (cut.ok()) {
        EXPECT_EQ(TilePath(*cut), path.substr(0, at));
      }
    }
  }
  for (const std::string path : {"",
                                 "tile",
                                 "tile/",
                                 "tile/0",
                                 "tile/0/",
                                 "/tile/0/000",
                                 "tile/00/000",
                                 "tile/64/000",
                                 "tile/-1/000",
                                 "tile/+1/000",
                                 "tile/0/0",
                                 "tile/0/0000",
                                 "tile/0/x000/001",
                                 "tile/0/001/",
                                 "tile/0/001/x002",
                                 "tile/0/x001",
                                 "tile/0/x001/x002",
                                 "tile/0/001.p",
                                 "tile/0/001.p/",
                                 "tile/0/001.p/0",
                                 "tile/0/001.p/01",
                                 "tile/0/001.p/256",
                                 "tile/0/001.p/1/",
                                 "tile/0/001.P/1",
                                 "tile/0/../001",
                                 "tile/entries",
                                 "tile/Entries/000",
                                 "tile/data/000",
                                 "tile/0/x999/x999/x999/x999/x999/x999/999",
                                 "tile/0/x036/x028/x797/x018/x963/968"}) {
    EXPECT_EQ(ParseTilePath(path).status().code(), StatusCode::kInvalidArgument) << path;
  }
}

TEST(Tiles, OfTheSpecificationsExamples) {
  std::map<std::string, int> full, partial;
  for (const TileId& tile : TilesOf(70'000)) {
    EXPECT_TRUE(HasTile(70'000, tile));
    ++(tile.width == kTileWidth
           ? full
           : partial)[std::to_string(tile.level) + ":" + std::to_string(tile.width)];
  }
  EXPECT_EQ(full, (std::map<std::string, int>{{"0:256", 273}, {"1:256", 1}}));
  EXPECT_EQ(partial, (std::map<std::string, int>{{"0:112", 1}, {"1:17", 1}, {"2:1", 1}}));

  const std::vector<TileId> of_256 = TilesOf(256);
  ASSERT_EQ(of_256.size(), 2u);
  EXPECT_EQ(of_256[0], (TileId{.level = 0, .index = 0, .width = 256}));
  EXPECT_EQ(of_256[1], (TileId{.level = 1, .index = 0, .width = 1}));
  EXPECT_TRUE(TilesOf(0).empty());
}

TEST(Tiles, ATreeHasNoneThatIsWiderNarrowerOrFurtherThanIts) {
  for (const uint64_t size : {1u, 255u, 256u, 257u, 65'535u, 65'536u, 65'537u}) {
    for (int level = 0; level <= kTileLevelMax; ++level) {
      const uint64_t count = TilesOfLevel(size, level);
      EXPECT_FALSE(HasTile(size, {.level = level, .index = count}));
      EXPECT_FALSE(HasTile(size, {.level = level, .index = kTileIndexMax}));
      for (uint64_t index = 0; index < count; ++index) {
        const TileId tile = TileOfLevel(size, level, index);
        for (uint32_t width = 1; width <= kTileWidth; ++width) {
          TileId other = tile;
          other.width = width;
          EXPECT_EQ(HasTile(size, other), width == tile.width);
        }
        if (index == 1 && count > 4) index = count - 3;  // those between are alike
      }
    }
  }
}

// Node (level, index) is a hash that says which it is.
class NamedNodes : public NodeSource {
 public:
  Result<Hash> Node(const NodeId& node) override {
    return Hash{static_cast<uint8_t>(node.level), static_cast<uint8_t>(node.index >> 8),
                static_cast<uint8_t>(node.index)};
  }
};

TEST(Tile, HoldsEveryEighthLevelOfTheTree) {
  NamedNodes nodes;
  const std::string bytes = *EncodeTile(nodes, {.level = 2, .index = 3, .width = 5});
  const std::vector<Hash> hashes = *DecodeTile(bytes, 5);
  ASSERT_EQ(hashes.size(), 5u);
  for (uint8_t i = 0; i < 5; ++i) EXPECT_EQ(hashes[i], (Hash{16, 3, i}));
  for (size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(DecodeTile(bytes.substr(0, size), 5).ok(), size == bytes.size());
  }
  EXPECT_FALSE(DecodeTile(bytes, 4).ok());
  EXPECT_FALSE(DecodeTile(bytes, 6).ok());
}

TEST(Bundle, HoldsEntriesOfAllLengths) {
  std::string bundle;
  const std::string longest(kEntryBytesMax, 'x');
  AppendEntry(bundle, {});
  AppendEntry(bundle, AsBytes("head"), AsBytes("rest"));
  AppendEntry(bundle, AsBytes(longest));
  EXPECT_EQ(bundle.substr(0, 12), std::string("\0\0\0\x08headrest", 12));
  EXPECT_EQ(*DecodeBundle(bundle, 3),
            (std::vector<std::string_view>{"", "headrest", std::string_view(longest)}));
}

TEST(Bundle, OfAnotherNumberOfEntriesOrBytesIsRefused) {
  std::string bundle;
  for (const char* const entry : {"one", "two", "three"}) AppendEntry(bundle, AsBytes(entry));
  EXPECT_FALSE(DecodeBundle(bundle, 2).ok());
  EXPECT_FALSE(DecodeBundle(bundle, 4).ok());
  EXPECT_FALSE(DecodeBundle(bundle + "x", 3).ok());
  for (size_t size = 0; size < bundle.size(); ++size) {
    const Status status = DecodeBundle(bundle.substr(0, size), 3).status();
    EXPECT_EQ(status.code(), StatusCode::kCorruption);
    EXPECT_NE(status.message().find("entry"), std::string::npos);
  }
}

}  // namespace
}  // namespace conntrail::merkle
