#include <string>

#include <gtest/gtest.h>

#include "projections/store/store.h"

namespace conntrail {
namespace {

TEST(WriteBatch, KeepsItsWritesInOrder) {
  WriteBatch batch;
  EXPECT_TRUE(batch.empty());
  batch.Put(Family::kTrail, "key", "value");
  batch.Delete(Family::kActor, "gone");
  batch.Put(Family::kState, "", "");

  ASSERT_EQ(batch.count(), 3);
  EXPECT_EQ(batch.at(0).family, Family::kTrail);
  EXPECT_EQ(batch.at(0).key, "key");
  EXPECT_EQ(batch.at(0).value, "value");
  EXPECT_FALSE(batch.at(0).is_delete);
  EXPECT_EQ(batch.at(1).key, "gone");
  EXPECT_TRUE(batch.at(1).is_delete);
  EXPECT_EQ(batch.at(2).key, "");
  EXPECT_EQ(batch.bytes(), std::string("keyvaluegone").size());

  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0);
}

TEST(WriteBatchDeathTest, RefusesTheKeysOfTheStoreItself) {
  WriteBatch batch;
  batch.Put(Family::kState, "\xFF\xFE\xFF", "the highest partition is a row");
  EXPECT_DEATH(batch.Put(Family::kState, "\xFF\xFF!off", ""), "check failed");
  EXPECT_DEATH(batch.Delete(Family::kState, "\xFF\xFF"), "check failed");
}

}  // namespace
}  // namespace conntrail
