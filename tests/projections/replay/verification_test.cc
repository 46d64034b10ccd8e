#include "projections/replay/verification.h"

#include <gmock/gmock.h>

#include "projections/evidence/org_tree.h"
#include "projections/replay/store_scan.h"
#include "tests/projections/replay/sealed_history.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/store_rows.h"

namespace conntrail {
namespace {

using testing::HasSubstr;

constexpr PartitionId kPartition{0};

class VerificationTest : public testing::Test {
 protected:
  Result<std::vector<VerifiedPartition>> Verify(EventLog& log, const Store& store,
                                                VerifyRun run = {}) {
    run.work = scratch_ / ("work" + std::to_string(runs_++));
    return VerifyStores(log, {{kPartition, &store}}, run);
  }
  // The first difference; fails if there is none.
  Difference DifferenceOf(EventLog& log, const Store& store, VerifyRun run = {}) {
    const auto verified = Verify(log, store, run);
    EXPECT_TRUE(verified.ok()) << verified.status().ToString();
    if (!verified.ok() || !verified->front().difference) {
      ADD_FAILURE() << "nothing differs";
      return {};
    }
    return *verified->front().difference;
  }
  static SignedHead Signed(uint64_t slot, const TreeHead& head) {
    SignedHead one;
    one.slot = slot;
    one.size = head.size;
    one.root = head.root;
    return one;
  }

  ScratchDir scratch_;
  int runs_ = 0;
};

TEST_F(VerificationTest, OfAnUntouchedHistorySaysTheSameWithAnyNumberOfThreads) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr uint16_t kPartitions = 5;
  SealedHistory history(SealedHistory::Records(seed, 700, kPartitions), kPartitions);
  std::map<PartitionId, std::unique_ptr<MemoryStore>> owned;
  std::map<PartitionId, const Store*> stores;
  for (uint16_t p = 0; p < kPartitions; ++p) {
    owned[PartitionId(p)] = history.Store(PartitionId(p));
    stores[PartitionId(p)] = owned[PartitionId(p)].get();
  }
  std::vector<std::string> digests;
  for (const size_t threads : {1, 2, 3, 8}) {
    VerifyRun run;
    run.work = scratch_ / ("threads" + std::to_string(threads));
    run.threads = threads;
    run.memory_bytes_max = threads % 2 == 0 ? 16 << 20 : 0;
    const auto verified = VerifyStores(history.log, stores, run);
    ASSERT_TRUE(verified.ok()) << verified.status().ToString();
    ASSERT_EQ(verified->size(), kPartitions);
    std::string all;
    for (const VerifiedPartition& one : *verified) {
      EXPECT_FALSE(one.difference) << one.difference->ToString();
      EXPECT_EQ(one.applied, 700u);
      EXPECT_GT(one.seals, 0u);
      all += one.digests.state + one.digests.outcomes;
    }
    digests.push_back(all);
  }
  EXPECT_THAT(digests, testing::Each(digests[0]));
}

TEST_F(VerificationTest, FindsAFlippedBitInEveryFamily) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  SealedHistory history(SealedHistory::Records(11, 400, 1), 1);
  for (const Family family : kFamilies) {
    for (int round = 0; round < 6; ++round) {
      const auto store = history.Store(kPartition);
      const RowList rows = RowsOf(*store, family);
      ASSERT_FALSE(rows.empty());
      const std::string& key = rows[random() % rows.size()].first;
      FlipBit(*store, kPartition, family, key, random());
      const Difference difference = DifferenceOf(history.log, *store);
      EXPECT_NE(difference.found, "") << difference.ToString();
    }
  }
}

TEST_F(VerificationTest, FindsARowThatIsMissingAndOneTooMany) {
  SealedHistory history(SealedHistory::Records(12, 300, 1), 1);
  for (const Family family : kFamilies) {
    const auto store = history.Store(kPartition);
    const RowList rows = RowsOf(*store, family);
    WriteBatch batch;
    batch.Delete(family, rows[rows.size() / 2].first);
    ASSERT_TRUE(store->Write(batch, kPartition, Offset(300)).ok());
    DifferenceOf(history.log, *store);
    const auto other = history.Store(kPartition);
    batch.Clear();
    batch.Put(family, rows[rows.size() / 2].first + "x", "surplus");
    ASSERT_TRUE(other->Write(batch, kPartition, Offset(300)).ok());
    DifferenceOf(history.log, *other);
  }
}

TEST_F(VerificationTest, ARecordThatWasChangedInACopiedLogIsNamedByTheFirstSealAfterIt) {
  auto records = SealedHistory::Records(13, 900, 1);
  SealedHistory original(records, 1);
  const auto store = original.Store(kPartition);
  const auto snapshot = store->NewSnapshot();
  const uint64_t seals = (*LastSeal(*snapshot, kPartition))->number + 1;
  ASSERT_GT(seals, 3u);
  const uint64_t records_then = (*ReadSeal(*snapshot, kPartition, 1))->records;
  records[records_then].payload.back() ^= std::byte{1};
  SealedHistory changed(records, 1);
  const Difference difference = DifferenceOf(changed.log, *store);
  EXPECT_EQ(difference.seal, 2u);
  EXPECT_NE(difference.org, "");
  EXPECT_THAT(difference.expected, HasSubstr("root "));
  EXPECT_THAT(difference.found, HasSubstr("root "));
  EXPECT_NE(difference.expected, difference.found);
}

TEST_F(VerificationTest, AStoreFoldedByOtherRulesDiffers) {
  auto records = SealedHistory::Records(14, 600, 1);
  const Bytes activation =
      EncodeEvent(OfTheLog(RulesActivated{RulesVersion(2)}).Org({}).Id("rules"));
  records.insert(records.begin() + 100, records[100]);
  records[100].payload = activation;
  SealedHistory history(records, 1);
  records[100].payload = EncodeEvent(OfTheLog(RulesActivated{RulesVersion(1)}).Org({}).Id("rules"));
  SealedHistory other(records, 1);
  ASSERT_TRUE(Verify(history.log, *history.Store(kPartition)).ok());
  EXPECT_EQ(DifferenceOf(history.log, *other.Store(kPartition)).seal.has_value(), true);
}

TEST_F(VerificationTest, StoresThatWereSwappedAreOfAnotherLog) {
  const auto records = SealedHistory::Records(15, 100, 1);
  SealedHistory a(records, 1, "a"), b(records, 1, "b");
  const Difference difference = DifferenceOf(a.log, *b.Store(kPartition));
  EXPECT_EQ(difference.what, "the log it was made from");
  EXPECT_EQ(difference.expected, a.log.log_id().ToString());
  EXPECT_EQ(difference.found, b.log.log_id().ToString());
}

TEST_F(VerificationTest, ALogThatLostItsTailIsDamaged) {
  auto records = SealedHistory::Records(16, 200, 1);
  const auto store = SealedHistory(records, 1).Store(kPartition);
  records.resize(180);
  SealedHistory cut(records, 1);
  const Status status = Verify(cut.log, *store).status();
  EXPECT_EQ(status.code(), StatusCode::kCorruption);
  EXPECT_THAT(status.message(), HasSubstr("has lost its tail"));
}

TEST_F(VerificationTest, AStoreThatIsNotCaughtUpIsComparedWhereItStands) {
  const auto records = SealedHistory::Records(17, 500, 1);
  const auto store = SealedHistory({records.begin(), records.begin() + 321}, 1).Store(kPartition);
  SealedHistory history(records, 1);
  const auto verified = Verify(history.log, *store);
  ASSERT_TRUE(verified.ok()) << verified.status().ToString();
  EXPECT_FALSE(verified->front().difference);
  EXPECT_EQ(verified->front().applied, 321u);
  EXPECT_EQ(verified->front().records, 500u);
}

TEST_F(VerificationTest, ASignedHeadThatTheLogDoesNotGiveIsNamed) {
  auto records = SealedHistory::Records(18, 500, 1);
  SealedHistory history(records, 1);
  const auto store = history.Store(kPartition);
  const TreeHead good =
      (*ReadHeadBy(*store->NewSnapshot(), {kPartition, OrgSlot(1)}, ~uint64_t{0}))->head;
  const auto with = [&](TreeHead head) {
    SealedHistory::Record seal = records.back();
    seal.time_ms += kSealIntervalMs;
    seal.key = {};
    seal.payload = EncodeEvent(OfTheLog(Seal{{Signed(1, head)}}).Org({}).Id("with heads"));
    auto all = records;
    all.push_back(seal);
    return std::make_unique<SealedHistory>(all, 1);
  };
  const auto fitting = with(good);
  const auto verified = Verify(fitting->log, *fitting->Store(kPartition));
  ASSERT_TRUE(verified.ok() && !verified->front().difference);
  EXPECT_EQ(verified->front().signed_heads, 1u);

  TreeHead forged = good;
  forged.root[7] ^= 1;
  const auto other = with(forged);
  const Difference difference = DifferenceOf(other->log, *other->Store(kPartition));
  EXPECT_EQ(difference.what, "a head that was signed, says the log");
  EXPECT_NE(difference.org, "");

  const auto heads = *SignedHeads::Open((scratch_ / "signed-heads").string());
  const keys::OrgAddress org{kPartition, OrgSlot(1)};
  VerifyRun run;
  run.signed_heads = heads.get();
  ASSERT_TRUE(heads->Remember(org, good).ok());
  EXPECT_FALSE(Verify(history.log, *store, run)->front().difference);
  ASSERT_TRUE(heads->Remember(org, {good.size + 1000, good.root}).ok());
  EXPECT_THAT(DifferenceOf(history.log, *store, run).expected, HasSubstr("records in all"));
}

TEST_F(VerificationTest, ThatWasStoppedGoesOnWhereItWas) {
  SealedHistory history(SealedHistory::Records(19, 3000, 1), 1);
  const auto store = history.Store(kPartition);
  VerifyRun run;
  run.work = scratch_ / "work";
  run.memory_bytes_max = 1 << 20;  // small batches
  uint64_t last = 0;
  int stops = 0;
  for (; stops < 100; ++stops) {
    int passes = 0;
    uint64_t first = 0;
    run.watch = [&](const ReplayProgress& progress) {
      if (first == 0) first = progress.records;
      last = std::max(last, progress.records);
      return ++passes < 4;
    };
    const auto verified = VerifyStores(history.log, {{kPartition, store.get()}}, run);
    if (verified.ok()) {
      EXPECT_FALSE(verified->front().difference) << verified->front().difference->ToString();
      EXPECT_GT(verified->front().seals, 3u) << "all seals count, those of earlier runs too";
      break;
    }
    ASSERT_EQ(verified.status().code(), StatusCode::kUnavailable) << verified.status().ToString();
  }
  EXPECT_GT(stops, 0);
  EXPECT_LT(stops, 100) << "it does not get anywhere";
}

// ---- the scan

Result<ScanAnswer> ScanOf(const Store& store, ScanRun run = {}) {
  return ScanStore(store.NewSnapshot(), kPartition, run);
}

TEST_F(VerificationTest, AScanOfAnUntouchedStoreFindsNothing) {
  for (const uint64_t seed : {21, 22, 23}) {
    SealedHistory history(SealedHistory::Records(seed, 1500, 1), 1);
    const auto store = history.Store(kPartition, 170);
    const auto scanned = ScanOf(*store);
    ASSERT_TRUE(scanned.ok()) << scanned.status().ToString();
    EXPECT_FALSE(scanned->difference) << scanned->difference->ToString();
    EXPECT_EQ(scanned->records, 1500u);
    EXPECT_GT(scanned->seals, 3u);
  }
}

TEST_F(VerificationTest, AScanFindsRowsThatHaveRotted) {
  SealedHistory history(SealedHistory::Records(24, 900, 1), 1);
  const auto untouched = history.Store(kPartition);
  for (const Family family : {Family::kTrail, Family::kActor, Family::kEvidence}) {
    const RowList rows = RowsOf(*untouched, family);
    for (size_t i = 0; i < rows.size(); i += rows.size() / 15 + 1) {
      // The append time of a trail row is the log's own, and in no leaf.
      const size_t bit = family == Family::kTrail ? rows[i].second.size() * 8 - 3 : i * 13;
      const auto store = history.Store(kPartition);
      FlipBit(*store, kPartition, family, rows[i].first, bit);
      const auto scanned = ScanOf(*store);
      ASSERT_TRUE(scanned.ok()) << scanned.status().ToString();
      EXPECT_TRUE(scanned->difference)
          << "family " << static_cast<int>(family) << " row " << i << " bit " << bit;
    }
  }
}

TEST_F(VerificationTest, AScanFindsAnEntityThatIsNotAsItsHistorySays) {
  SealedHistory history(SealedHistory::Records(25, 600, 1), 1);
  const auto store = history.Store(kPartition);
  // Two entities of one kind change places.
  std::map<char, std::vector<std::pair<std::string, std::string>>> kinds;
  for (const auto& row : RowsOf(*store, Family::kState)) {
    if (row.first.size() == 24 && row.first[6] == 0x10) kinds[row.first[7]].push_back(row);
  }
  bool swapped = false;
  for (const auto& [kind, rows] : kinds) {
    if (swapped || rows.size() < 2 || rows[0].second == rows[1].second) continue;
    WriteBatch batch;
    batch.Put(Family::kState, rows[0].first, rows[1].second);
    ASSERT_TRUE(store->Write(batch, kPartition, Offset(600)).ok());
    swapped = true;
  }
  ASSERT_TRUE(swapped);
  const auto scanned = ScanOf(*store);
  ASSERT_TRUE(scanned.ok() && scanned->difference) << scanned.status().ToString();
  EXPECT_THAT(scanned->difference->what, HasSubstr("the state of entity"));
}

}  // namespace
}  // namespace conntrail
