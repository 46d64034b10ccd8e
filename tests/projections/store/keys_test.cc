#include "projections/store/keys.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "events/base/bytes.h"

namespace conntrail::keys {
namespace {

constexpr OrgAddress kOrg{PartitionId(0x0102), OrgSlot(0x03040506)};
constexpr Uuid kId{0x1011121314151617, 0x18191A1B1C1D1E1F};
constexpr Uuid kOther{0x2021222324252627, 0x28292A2B2C2D2E2F};
constexpr Place kPlace{0x0000A1A2A3A4A5A6, OrgIndex(0x0000B1B2B3B4B5B6)};

std::string Hex(std::string_view key) { return ToHex(AsBytes(key)); }

// Stored: these never change.
TEST(Keys, AreLaidOutLikeThis) {
  EXPECT_EQ(Hex(PartitionRow(kOrg.partition)), "0102ffffffff00");
  EXPECT_EQ(Hex(OrgRow(kOrg)), "01020304050601");
  EXPECT_EQ(Hex(BlockRow(kOrg, 0x0A0B0C0D0E0F)), "010203040506020a0b0c0d0e0f");
  EXPECT_EQ(Hex(EntityRow(kOrg, {EntityKind::kConnection, kId, kOther})),
            "0102030405061001101112131415161718191a1b1c1d1e1f");
  EXPECT_EQ(Hex(EntityRow(kOrg, {EntityKind::kUse, kId, kOther})),
            "0102030405061021101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f");
  EXPECT_EQ(Hex(EntityRow(kOrg, {EntityKind::kProducer, kId, kOther})),
            "0102030405061020101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f");
  EXPECT_EQ(Hex(History(kOrg, EntityKind::kKey, kId, kPlace)),
            "01020304050606101112131415161718191a1b1c1d1e1f5e5d5c5b5a594e4d4c4b4a49");
  EXPECT_EQ(Hex(Trail(kOrg, kPlace)), "0102030405065e5d5c5b5a594e4d4c4b4a49");
  EXPECT_EQ(Hex(Actor(kOrg, kId, kPlace)),
            "010203040506101112131415161718191a1b1c1d1e1f5e5d5c5b5a594e4d4c4b4a49");
  EXPECT_EQ(Hex(Trail(kOrg, kPlaceMax)), "010203040506000000000000000000000000");
  EXPECT_EQ(Hex(Trail(kOrg, {})), "010203040506ffffffffffffffffffffffff");
}

// What lies outside of a key's numbers counts as the nearest that stands in one.
TEST(Keys, PlacesOutsideOfTheRangeAreItsEnds) {
  EXPECT_EQ(Trail(kOrg, {-1, OrgIndex(0)}), Trail(kOrg, {}));
  EXPECT_EQ(Trail(kOrg, {INT64_MAX, OrgIndex(UINT64_MAX)}), Trail(kOrg, kPlaceMax));
}

Place AnyPlace() {
  // Few numbers, so that equal times and neighbours are common; and all of them.
  const bool near = *rc::gen::arbitrary<bool>();
  const uint64_t end = near ? 5 : kPlaceNumberMax;
  const auto time = *rc::gen::inRange<uint64_t>(0, end);
  const auto index = *rc::gen::inRange<uint64_t>(0, end);
  return {static_cast<UnixMs>(time), OrgIndex(index)};
}

TEST(Keys, ThePlaceIsReadBackFromEachKind) {
  EXPECT_TRUE(rc::check([] {
    const Place place = AnyPlace();
    RC_ASSERT(PlaceOf(Trail(kOrg, place)) == place);
    RC_ASSERT(PlaceOf(Actor(kOrg, kId, place)) == place);
    RC_ASSERT(PlaceOf(History(kOrg, EntityKind::kGroup, kId, place)) == place);
  }));
}

TEST(Keys, TheNewestComesFirst) {
  EXPECT_TRUE(rc::check([] {
    const Place a = AnyPlace();
    const Place b = AnyPlace();
    RC_ASSERT((a < b) == (std::string(Trail(kOrg, b)) < std::string(Trail(kOrg, a))));
    RC_ASSERT((a < b) == (std::string(Actor(kOrg, kId, b)) < std::string(Actor(kOrg, kId, a))));
    RC_ASSERT((a < b) == (std::string(History(kOrg, EntityKind::kKey, kId, b)) <
                          std::string(History(kOrg, EntityKind::kKey, kId, a))));
  }));
}

TEST(Keys, OfOneOrgStandTogether) {
  EXPECT_TRUE(rc::check([] {
    const OrgAddress org{PartitionId(*rc::gen::inRange<uint16_t>(0, 3)),
                         OrgSlot(*rc::gen::inRange<uint32_t>(0, 300))};
    const OrgAddress other{PartitionId(*rc::gen::inRange<uint16_t>(0, 3)),
                           OrgSlot(*rc::gen::inRange<uint32_t>(0, 300))};
    RC_PRE(org < other);
    RC_ASSERT(std::string(Trail(org, AnyPlace())) < std::string(Trail(other, AnyPlace())));
    RC_ASSERT(std::string(EntityRow(org, {EntityKind::kUse, kOther, kOther})) <
              std::string(OrgRow(other)));
    RC_ASSERT(std::string(History(org, EntityKind::kKey, kOther, AnyPlace())) <
              std::string(History(other, EntityKind::kConnection, {}, AnyPlace())));
  }));
}

TEST(Keys, PrefixesAreOfExactlyTheirGroup) {
  const auto starts = [](const std::string& key, const std::string& prefix) {
    return key.starts_with(prefix);
  };
  EXPECT_TRUE(starts(OrgRow(kOrg), OrgRowsPrefix(kOrg.partition)));
  EXPECT_TRUE(
      starts(EntityRow(kOrg, {EntityKind::kUse, kId, kOther}), UsePrefix(kOrg, ConnectionId{kId})));
  EXPECT_FALSE(
      starts(EntityRow(kOrg, {EntityKind::kUse, kOther, kId}), UsePrefix(kOrg, ConnectionId{kId})));
  EXPECT_TRUE(starts(EntityRow(kOrg, {EntityKind::kGroup, kId, {}}),
                     EntityPrefix(kOrg, EntityKind::kGroup)));
  EXPECT_FALSE(
      starts(EntityRow(kOrg, {EntityKind::kKey, kId, {}}), EntityPrefix(kOrg, EntityKind::kGroup)));
  EXPECT_TRUE(starts(History(kOrg, EntityKind::kKey, kId, kPlace),
                     HistoryPrefix(kOrg, EntityKind::kKey, kId)));
  EXPECT_TRUE(starts(Trail(kOrg, kPlace), TrailPrefix(kOrg)));
  EXPECT_TRUE(starts(Actor(kOrg, kId, kPlace), ActorPrefix(kOrg, kId)));
}

TEST(Keys, OnlyAnOrgRowIsOne) {
  EXPECT_TRUE(IsOrgRow(OrgRow(kOrg)));
  EXPECT_FALSE(IsOrgRow(PartitionRow(kOrg.partition)));
  EXPECT_FALSE(IsOrgRow(BlockRow(kOrg, 1)));
  EXPECT_FALSE(IsOrgRow(EntityRow(kOrg, {EntityKind::kConnection, {0, 1}, {}})));
  EXPECT_FALSE(IsOrgRow(""));
}

TEST(Keys, TheIdIsReadBackFromAnEntityRow) {
  EXPECT_EQ(EntityIdOf(EntityRow(kOrg, {EntityKind::kGroup, kId, {}})), kId);
  EXPECT_EQ(EntityIdOf(EntityRow(kOrg, {EntityKind::kUse, kId, kOther})), kId);
}

}  // namespace
}  // namespace conntrail::keys
