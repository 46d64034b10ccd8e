#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "projections/store/rocksdb_store.h"
#include "projections/views/org_view.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/support/replay.h"
#include "tests/support/varied_events.h"

namespace conntrail {

enum class StoreKind { kMemory, kRocksDb };

// A log of varied events, a store in step with it, and its replay. The kind of store is the test's
// parameter; RocksDB is made to have its rows in files of several levels as well as in memory.
class ViewsTest : public testing::TestWithParam<StoreKind> {
 protected:
  static constexpr PartitionId kPartition{0};

  void SetUp() override {
    if (GetParam() == StoreKind::kMemory) {
      store_ = std::make_unique<MemoryStore>();
    } else {
      RocksDbStore::Options options;
      options.write_buffer_bytes = 64 << 10;
      store_ = RocksDbStore::Open(scratch_ / "store", options).value();
    }
    projector_ = Projector::Open(log_, *store_, kPartition, {.batch_records_max = 31}).value();
  }

  // Appends `count` records, folds them and follows with the replay.
  void Grow(size_t count) {
    AppendVariedEvents(events_, count, log_, clock_);
    CatchUp();
  }
  void Append(const Event& event) {
    ASSERT_TRUE(log_.Append(kPartition, event.org, EncodeEvent(event)).ok());
  }
  void CatchUp() {
    size_t steps = 0;
    for (;;) {
      const Result<size_t> applied = projector_->Step();
      ASSERT_TRUE(applied.ok()) << applied.status().ToString();
      if (*applied == 0) break;
      if (++steps % 7 == 0) {
        ASSERT_EQ(store_->Flush().ToString(), "ok");
      }
    }
    replay_.CatchUp();
  }

  OrgView View(const std::string& name) {
    Result<OrgView> view = OrgView::Open(store_->NewSnapshot(), kPartition, name);
    EXPECT_TRUE(view.ok()) << view.status().ToString();
    return std::move(view).value();
  }

  static constexpr uint64_t kSeed = 20240501;

  ScratchDir scratch_;
  ManualClock clock_;
  MemoryLog log_{1, clock_, IdNamed("log")};
  VariedEvents events_{kSeed};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Projector> projector_;
  Replay replay_{log_};
};

inline std::string NameOfStore(const testing::TestParamInfo<StoreKind>& kind) {
  return kind.param == StoreKind::kMemory ? "Memory" : "RocksDb";
}

#define CONNTRAIL_VIEWS_TESTS(Suite)         \
  INSTANTIATE_TEST_SUITE_P(EachStore, Suite, \
                           testing::Values(StoreKind::kMemory, StoreKind::kRocksDb), NameOfStore)

}  // namespace conntrail
