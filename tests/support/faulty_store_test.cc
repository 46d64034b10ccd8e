#include "tests/support/faulty_store.h"

#include "tests/conformance/store_conformance.h"

namespace conntrail {
namespace {

class FaultyStoreMaker {
 public:
  Store& store() { return store_; }

 private:
  FaultyStore store_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Faulty, StoreConformance, FaultyStoreMaker);

TEST(FaultyStore, ACrashLeavesTheStateAfterSomeWriteSinceTheLastFlush) {
  for (const size_t survivors : {0, 1, 2, 3}) {
    FaultyStore store;
    const auto write = [&](uint64_t number) {
      WriteBatch batch;
      batch.Put(Family::kState, "row", std::to_string(number));
      return store.Write(batch, PartitionId(0), Offset(number)).ok();
    };
    EXPECT_TRUE(write(1));
    EXPECT_TRUE(store.Flush().ok());
    store.FailAfter(1, WriteFault::kKept);
    EXPECT_TRUE(write(2));
    EXPECT_FALSE(write(3));
    store.FailAfter(0, WriteFault::kLost);
    EXPECT_FALSE(write(4));
    store.Crash(survivors);
    const uint64_t last = std::min<uint64_t>(1 + survivors, 3);
    EXPECT_EQ(store.Applied(PartitionId(0)).value(), Offset(last));
    EXPECT_EQ(ValueAt(*store.NewSnapshot(), Family::kState, "row"), std::to_string(last));
  }
}

}  // namespace
}  // namespace conntrail
