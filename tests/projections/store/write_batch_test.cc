#include "projections/store/write_batch.h"

#include <string>

#include <gtest/gtest.h>

namespace conntrail {
namespace {

TEST(WriteBatch, KeepsTheWritesToAFamilyInTheirOrder) {
  WriteBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.Put(Family::kTrail, "key", "value");
  batch.Put(Family::kState, "", "");
  batch.Delete(Family::kTrail, "gone");
  batch.Put(Family::kTrail, "key", "of two ", "parts");

  ASSERT_EQ(batch.count(), 4);
  EXPECT_EQ(batch.rows(Family::kState).at(0).key, "");
  const RowRun& trail = batch.rows(Family::kTrail);
  ASSERT_EQ(trail.count(), 3);
  EXPECT_EQ(trail.at(0).key, "key");
  EXPECT_EQ(trail.at(0).value, "value");
  EXPECT_FALSE(trail.at(0).is_delete);
  EXPECT_EQ(trail.at(1).key, "gone");
  EXPECT_TRUE(trail.at(1).is_delete);
  EXPECT_EQ(trail.at(2).value, "of two parts");
  EXPECT_TRUE(batch.rows(Family::kActor).empty());
  EXPECT_GE(batch.bytes(), std::string("keyvaluegonekeyof two parts").size());

  WriteBatch copy;
  copy.Append(batch);
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0);
  ASSERT_EQ(copy.rows(Family::kTrail).count(), 3);
  EXPECT_TRUE(copy.rows(Family::kTrail).at(1).is_delete);
  EXPECT_EQ(copy.rows(Family::kTrail).at(2).value, "of two parts");
}

TEST(WriteBatch, ReusesItsMemoryForRowsOfOtherSizes) {
  WriteBatch batch;
  for (const size_t bytes : {10, 5'000'000, 3, 2'000, 100'000, 70, 6'000'000}) {
    batch.Clear();
    for (int i = 0; i < 50; ++i) {
      batch.Put(Family::kTrail, std::to_string(i), std::string(bytes / (i % 7 + 1), 'v'));
    }
    for (int i = 0; i < 50; ++i) {
      const StoreRow row = batch.rows(Family::kTrail).at(i);
      ASSERT_EQ(row.key, std::to_string(i));
      ASSERT_EQ(row.value, std::string(bytes / (i % 7 + 1), 'v'));
    }
  }
}

TEST(WriteBatchDeathTest, RefusesTheKeysOfTheStoreItself) {
  WriteBatch batch;
  batch.Put(Family::kState, "\xFF\xFE\xFF", "the highest partition is a row");
  EXPECT_DEATH(batch.Put(Family::kState, "\xFF\xFF!off", ""), "check failed");
  EXPECT_DEATH(batch.Delete(Family::kState, "\xFF\xFF"), "check failed");
}

}  // namespace
}  // namespace conntrail
