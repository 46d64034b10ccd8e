#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "projections/store/store.h"
#include "projections/store/watermark.h"

namespace conntrail {

using StoreRows = std::vector<std::pair<std::string, std::string>>;

inline StoreRows AllRows(const StoreSnapshot& snapshot, Family family) {
  StoreRows rows;
  const auto at = snapshot.NewIterator(family);
  for (at->Seek(""); at->Valid(); at->Next()) rows.emplace_back(at->key(), at->value());
  EXPECT_EQ(at->status().ToString(), "ok");
  return rows;
}

inline std::optional<std::string> ValueAt(const StoreSnapshot& snapshot, Family family,
                                          std::string_view key) {
  const auto value = snapshot.Get(family, key);
  EXPECT_TRUE(value.ok()) << value.status().ToString();
  return value.ok() ? *value : std::nullopt;
}

// "-" if the iterator stands nowhere.
inline std::string KeyUnder(const StoreIterator& at) {
  EXPECT_EQ(at.status().ToString(), "ok");
  return at.Valid() ? std::string(at.key()) : "-";
}

// What every Store promises. `Maker` is default-constructible and has `Store& store()`, an empty
// one.
template <typename Maker>
class StoreConformance : public testing::Test {
 protected:
  Store& store() { return maker_.store(); }

  // Writes `batch` as the next offset of partition 1.
  void Write(const WriteBatch& batch) {
    const Status written = store().Write(batch, PartitionId(1), next_ = next_.Next());
    ASSERT_EQ(written.ToString(), "ok");
  }
  void Put(Family family, std::string_view key, std::string_view value) {
    WriteBatch batch;
    batch.Put(family, key, value);
    Write(batch);
  }
  std::unique_ptr<StoreSnapshot> Now() { return store().NewSnapshot(); }

 private:
  Maker maker_;
  Offset next_;
};
TYPED_TEST_SUITE_P(StoreConformance);

TYPED_TEST_P(StoreConformance, ANewStoreIsEmptyAndHasAppliedNothing) {
  for (const Family family : kFamilies) EXPECT_EQ(AllRows(*this->Now(), family), StoreRows());
  EXPECT_EQ(this->store().Applied(PartitionId(0)).value(), Offset(0));
  EXPECT_EQ(this->store().Applied(PartitionId(0xFFFE)).value(), Offset(0));
}

TYPED_TEST_P(StoreConformance, AnyBytesAreReadBackAsWritten) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes.push_back(static_cast<char>(i));
  WriteBatch batch;
  batch.Put(Family::kState, all_bytes, all_bytes);
  batch.Put(Family::kState, "", "the value of the empty key");
  batch.Put(Family::kState, "empty value", "");
  batch.Put(Family::kState, std::string(1, '\0'), "nul");
  this->Write(batch);

  const auto now = this->Now();
  EXPECT_EQ(ValueAt(*now, Family::kState, all_bytes), all_bytes);
  EXPECT_EQ(ValueAt(*now, Family::kState, ""), "the value of the empty key");
  EXPECT_EQ(ValueAt(*now, Family::kState, "empty value"), "");
  EXPECT_EQ(ValueAt(*now, Family::kState, std::string(1, '\0')), "nul");
  EXPECT_EQ(ValueAt(*now, Family::kState, std::string(2, '\0')), std::nullopt);
}

TYPED_TEST_P(StoreConformance, TheLastWriteToAKeyInABatchWins) {
  this->Put(Family::kState, "there before", "old");
  WriteBatch batch;
  batch.Put(Family::kState, "put, deleted", "1");
  batch.Put(Family::kState, "put, put", "first");
  batch.Delete(Family::kState, "put, deleted");
  batch.Put(Family::kState, "a key between", "2");
  batch.Put(Family::kState, "put, put", "second");
  batch.Delete(Family::kState, "there before");
  batch.Delete(Family::kState, "deleted, put");
  batch.Put(Family::kState, "deleted, put", "3");
  batch.Delete(Family::kState, "never there");
  this->Write(batch);

  EXPECT_EQ(AllRows(*this->Now(), Family::kState),
            (StoreRows{{"a key between", "2"}, {"deleted, put", "3"}, {"put, put", "second"}}));
}

TYPED_TEST_P(StoreConformance, FamiliesDoNotShareKeys) {
  WriteBatch batch;
  for (const Family family : kFamilies) {
    batch.Put(family, "key", std::to_string(static_cast<int>(family)));
  }
  batch.Delete(Family::kActor, "key");
  this->Write(batch);

  EXPECT_EQ(ValueAt(*this->Now(), Family::kState, "key"), "0");
  EXPECT_EQ(ValueAt(*this->Now(), Family::kHistory, "key"), "1");
  EXPECT_EQ(ValueAt(*this->Now(), Family::kTrail, "key"), "2");
  EXPECT_EQ(ValueAt(*this->Now(), Family::kActor, "key"), std::nullopt);
}

TYPED_TEST_P(StoreConformance, TheAppliedOffsetIsKeptByPartitionAlsoWithoutRows) {
  ASSERT_TRUE(this->store().Write(WriteBatch(), PartitionId(0), Offset(7)).ok());
  ASSERT_TRUE(this->store().Write(WriteBatch(), PartitionId(256), Offset(1ULL << 40)).ok());
  ASSERT_TRUE(this->store().Write(WriteBatch(), PartitionId(0), Offset(8)).ok());

  EXPECT_EQ(this->store().Applied(PartitionId(0)).value(), Offset(8));
  EXPECT_EQ(this->store().Applied(PartitionId(256)).value(), Offset(1ULL << 40));
  EXPECT_EQ(this->store().Applied(PartitionId(1)).value(), Offset(0));
  ASSERT_TRUE(this->store().Flush().ok());
  EXPECT_EQ(this->store().Applied(PartitionId(0)).value(), Offset(8));
}

TYPED_TEST_P(StoreConformance, ASnapshotAndItsIteratorsStayAsTheyWere) {
  this->Put(Family::kTrail, "a", "1");
  this->Put(Family::kTrail, "c", "1");
  const auto before = this->Now();
  const auto iterator = before->NewIterator(Family::kTrail);
  iterator->Seek("a");

  WriteBatch batch;
  batch.Put(Family::kTrail, "a", "2");
  batch.Put(Family::kTrail, "b", "2");
  batch.Delete(Family::kTrail, "c");
  this->Write(batch);
  ASSERT_TRUE(this->store().Flush().ok());
  this->Put(Family::kTrail, "d", "3");

  const StoreRows old_rows = {{"a", "1"}, {"c", "1"}};
  EXPECT_EQ(AllRows(*before, Family::kTrail), old_rows);
  EXPECT_EQ(ValueAt(*before, Family::kTrail, "b"), std::nullopt);
  EXPECT_EQ(iterator->value(), "1");
  iterator->Next();
  EXPECT_EQ(KeyUnder(*iterator), "c");
  EXPECT_EQ(AllRows(*this->Now(), Family::kTrail), (StoreRows{{"a", "2"}, {"b", "2"}, {"d", "3"}}));
}

TYPED_TEST_P(StoreConformance, AnIteratorFindsItsPlaceAtAllEdges) {
  const auto empty = this->Now()->NewIterator(Family::kHistory);
  for (const char* key : {"b", "bb", "d"}) this->Put(Family::kHistory, key, "value");

  struct Case {
    std::string target, first_at_or_after, last_at_or_before;
  };
  const std::vector<Case> cases = {
      {"", "b", "-"},   {"a", "b", "-"},   {"b", "b", "b"}, {"ba", "bb", "b"}, {"bb", "bb", "bb"},
      {"c", "d", "bb"}, {"cz", "d", "bb"}, {"d", "d", "d"}, {"da", "-", "d"},  {"\xFE", "-", "d"},
  };
  const auto now = this->Now();
  const auto at = now->NewIterator(Family::kHistory);
  EXPECT_FALSE(at->Valid()) << "before any Seek";
  for (const Case& c : cases) {
    at->Seek(c.target);
    EXPECT_EQ(KeyUnder(*at), c.first_at_or_after) << "Seek " << c.target;
    at->SeekForPrev(c.target);
    EXPECT_EQ(KeyUnder(*at), c.last_at_or_before) << "SeekForPrev " << c.target;
  }
}

TYPED_TEST_P(StoreConformance, AnIteratorTurnsRoundAndStopsAtBothEnds) {
  for (const char* key : {"a", "b", "c"}) this->Put(Family::kActor, key, "value");
  const auto now = this->Now();
  const auto at = now->NewIterator(Family::kActor);

  at->Seek("b");
  at->Prev();
  EXPECT_EQ(KeyUnder(*at), "a");
  at->Next();
  at->Next();
  EXPECT_EQ(KeyUnder(*at), "c");
  at->Prev();
  EXPECT_EQ(KeyUnder(*at), "b");
  at->Next();
  at->Next();
  EXPECT_EQ(KeyUnder(*at), "-");
  at->SeekForPrev("a");
  at->Prev();
  EXPECT_EQ(KeyUnder(*at), "-");
}

TYPED_TEST_P(StoreConformance, KeysCompareAsUnsignedBytes) {
  const std::vector<std::string> ascending = {
      "",     std::string(1, '\0'), std::string("\0\xFF", 2), "\x01", "\x7F", "\x80", "\x80\x01",
      "\xFF", "\xFF\xFE\xFF\xFF"};
  WriteBatch batch;
  for (auto key = ascending.rbegin(); key != ascending.rend(); ++key) {
    batch.Put(Family::kTrail, *key, "value");
  }
  this->Write(batch);

  std::vector<std::string> seen;
  for (const auto& [key, value] : AllRows(*this->Now(), Family::kTrail)) seen.push_back(key);
  EXPECT_EQ(seen, ascending);
}

TYPED_TEST_P(StoreConformance, NoReaderEverSeesAWatermark) {
  this->Put(Family::kState, "row", "value");
  this->Put(Family::kState, "\xFF\xFE", "value");
  ASSERT_TRUE(this->store().Write(WriteBatch(), PartitionId(0xFFFE), Offset(3)).ok());
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(this->store().Flush().ok());
    }
    const auto now = this->Now();
    EXPECT_EQ(AllRows(*now, Family::kState).size(), 2);
    EXPECT_EQ(AllRows(*now, Family::kActor).size(), 0);
    const std::string highest(12, '\xFF');
    for (const std::string& key : {WatermarkKey(PartitionId(1)), std::string(kRowKeysEnd),
                                   WatermarkKey(PartitionId(0xFFFE)), highest}) {
      EXPECT_EQ(ValueAt(*now, Family::kState, key), std::nullopt);
      const auto at = now->NewIterator(Family::kState);
      at->Seek(key);
      EXPECT_EQ(KeyUnder(*at), "-");
      at->SeekForPrev(key);
      EXPECT_EQ(KeyUnder(*at), "\xFF\xFE");
      at->Next();
      EXPECT_EQ(KeyUnder(*at), "-");
      const auto in_empty_family = now->NewIterator(Family::kActor);
      in_empty_family->SeekForPrev(key);
      EXPECT_EQ(KeyUnder(*in_empty_family), "-");
    }
  }
}

// Every batch sets the same number in all families and at both ends of each.
TYPED_TEST_P(StoreConformance, AReaderSeesWholeBatchesWhileRowsAreWritten) {
  const auto write = [this](int number) {
    WriteBatch batch;
    for (const Family family : kFamilies) {
      batch.Put(family, "first", std::to_string(number));
      batch.Delete(family, "row " + std::to_string(number - 1));
      batch.Put(family, "row " + std::to_string(number), std::to_string(number));
    }
    this->Write(batch);
  };
  write(0);
  std::atomic<bool> done = false;
  std::atomic<int> looks = 0;
  std::thread reader([&] {
    int last_seen = 0;
    while (!done || looks == 0) {
      const auto now = this->Now();
      const int number = std::stoi(*ValueAt(*now, Family::kActor, "first"));
      EXPECT_GE(number, last_seen);
      last_seen = number;
      const std::string text = std::to_string(number);
      for (const Family family : kFamilies) {
        EXPECT_EQ(AllRows(*now, family), (StoreRows{{"first", text}, {"row " + text, text}}));
      }
      EXPECT_GE(this->store().Applied(PartitionId(1)).value(), Offset(last_seen + 1ULL));
      ++looks;
    }
  });
  // As many as it takes for the reader to look often enough; a store may be slow to write.
  for (int number = 1; number < 3000 && (number < 150 || looks < 300); ++number) {
    write(number);
    if (number % 70 == 0) {
      EXPECT_TRUE(this->store().Flush().ok());
    }
  }
  done = true;
  reader.join();
}

// Random batches over few keys against std::map, and random steps of an iterator over the result.
TYPED_TEST_P(StoreConformance, RandomBatchesReadLikeAMap) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  const auto random_key = [&] {
    static constexpr std::string_view kBytes("\x00\x01\x7F\x80\xFF", 5);
    std::string key(1, kBytes[rng() % 4]);
    for (size_t i = rng() % 4; i > 0; --i) key.push_back(kBytes[rng() % kBytes.size()]);
    return key;
  };
  std::array<std::map<std::string, std::string>, kFamilyCount> model;
  for (int round = 0; round < 60; ++round) {
    WriteBatch batch;
    for (int i = 0; i < 40; ++i) {
      const size_t family = rng() % kFamilyCount;
      const std::string key = random_key();
      if (rng() % 3 == 0) {
        batch.Delete(kFamilies[family], key);
        model[family].erase(key);
      } else {
        const std::string value(rng() % 50, static_cast<char>(rng()));
        batch.Put(kFamilies[family], key, value);
        model[family][key] = value;
      }
    }
    this->Write(batch);
    if (rng() % 10 == 0) {
      ASSERT_TRUE(this->store().Flush().ok());
    }

    const size_t family = rng() % kFamilyCount;
    const auto& rows = model[family];
    const auto now = this->Now();
    ASSERT_EQ(AllRows(*now, kFamilies[family]), StoreRows(rows.begin(), rows.end()));
    const auto at = now->NewIterator(kFamilies[family]);
    auto expected = rows.end();
    for (int step = 0; step < 200; ++step) {
      const std::string target = random_key();
      const unsigned move = rng() % 4;
      if (move == 0 || !at->Valid()) {
        at->Seek(target);
        expected = rows.lower_bound(target);
      } else if (move == 1) {
        at->SeekForPrev(target);
        expected = rows.upper_bound(target);
        expected = expected == rows.begin() ? rows.end() : std::prev(expected);
      } else if (move == 2) {
        at->Next();
        ++expected;
      } else {
        at->Prev();
        expected = expected == rows.begin() ? rows.end() : std::prev(expected);
      }
      ASSERT_EQ(at->Valid(), expected != rows.end());
      if (!at->Valid()) continue;
      ASSERT_EQ(at->key(), expected->first);
      ASSERT_EQ(at->value(), expected->second);
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(StoreConformance, ANewStoreIsEmptyAndHasAppliedNothing,
                            AnyBytesAreReadBackAsWritten, TheLastWriteToAKeyInABatchWins,
                            FamiliesDoNotShareKeys,
                            TheAppliedOffsetIsKeptByPartitionAlsoWithoutRows,
                            ASnapshotAndItsIteratorsStayAsTheyWere,
                            AnIteratorFindsItsPlaceAtAllEdges,
                            AnIteratorTurnsRoundAndStopsAtBothEnds, KeysCompareAsUnsignedBytes,
                            NoReaderEverSeesAWatermark, AReaderSeesWholeBatchesWhileRowsAreWritten,
                            RandomBatchesReadLikeAMap);

}  // namespace conntrail
