#include "projections/views/cursor.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "projections/store/keys.h"

namespace conntrail {
namespace {

TEST(Cursor, IsReadAsItWasWritten) {
  EXPECT_TRUE(rc::check([] {
    Cursor cursor;
    cursor.place.time_ms = *rc::gen::inRange<UnixMs>(0, keys::kPlaceMax.time_ms);
    cursor.place.index = OrgIndex(*rc::gen::inRange<uint64_t>(0, keys::kPlaceNumberMax));
    cursor.rest = *rc::gen::arbitrary<std::string>();
    const uint32_t mark = *rc::gen::arbitrary<uint32_t>();
    const std::string text = EncodeCursor(cursor, mark);
    const Result<Cursor> read = DecodeCursor(text, mark);
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == cursor);
    RC_ASSERT(DecodeCursor(text, mark ^ 1).status().code() == StatusCode::kInvalidArgument);
    RC_ASSERT(!DecodeCursor(text + "A", mark).ok());
    RC_ASSERT(!DecodeCursor(text.substr(0, text.size() - 1), mark).ok());
  }));
}

TEST(Cursor, HoldsWhatAKeyCanHold) {
  const Cursor cursor{keys::kPlaceMax, std::string(4096 + 40, '\xFF')};
  EXPECT_EQ(DecodeCursor(EncodeCursor(cursor, 0xFFFFFFFF), 0xFFFFFFFF).value(), cursor);
}

// Clients keep cursors across an upgrade.
TEST(Cursor, IsWrittenLikeThis) {
  const Cursor cursor{{0x0102030405, OrgIndex(0x0708)}, "ab"};
  EXPECT_EQ(EncodeCursor(cursor, 0xDEADBEEF), "Ad6tvu8AAQIDBAUAAAAABwgAAmFi");
}

TEST(Cursor, HasOneSpelling) {
  const std::string text = EncodeCursor({{5, OrgIndex(7)}, "r"}, 9);
  size_t read = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string other = text;
      other[at] = static_cast<char>(c);
      const Result<Cursor> cursor = DecodeCursor(other, 9);
      if (!cursor.ok()) continue;
      ++read;
      EXPECT_EQ(EncodeCursor(*cursor, 9), other);
    }
  }
  EXPECT_GT(read, text.size());
}

}  // namespace
}  // namespace conntrail
