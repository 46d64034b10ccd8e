// What other processes do to a store: die while they write, hold it open, run out of space.
#include <chrono>
#include <cstdlib>
#include <fstream>

#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "projections/store/memory_store.h"
#include "projections/store/rocksdb_store.h"
#include "tests/conformance/store_conformance.h"
#include "tests/projections/store/scratch_dir.h"

namespace conntrail {
namespace {

constexpr const char* kDirVariable = "CONNTRAIL_STORE_TEST_DIR";

// A run of this program with one disabled test, which plays the other process. Not a fork: threads
// of RocksDB would not come along.
class Child {
 public:
  Child(const std::string& test, const std::filesystem::path& dir) {
    ::setenv(kDirVariable, dir.c_str(), 1);
    const std::string filter = "--gtest_filter=RocksDbChild.DISABLED_" + test;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe");
    const std::array<const char*, 5> arguments = {program.c_str(), filter.c_str(),
                                                  "--gtest_also_run_disabled_tests",
                                                  "--gtest_brief=1", nullptr};
    EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), nullptr, nullptr,
                            const_cast<char* const*>(arguments.data()), environ),
              0);
  }
  void Kill() const { ::kill(pid_, SIGKILL); }
  int Await() const {
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    return status;
  }

 private:
  pid_t pid_ = -1;
};

std::filesystem::path DirOfChild() {
  const char* dir = std::getenv(kDirVariable);
  EXPECT_NE(dir, nullptr) << "this test plays a part in another one; it does not run alone";
  return dir == nullptr ? "" : dir;
}

// Tiny write buffers: a flush every few dozen batches.
RocksDbStore::Options ManyFlushes() {
  return {.write_buffer_bytes = 96 << 10, .write_buffers_bytes_max = 1 << 20};
}

// Besides, about every tenth NumberedBatch becomes files at once.
RocksDbStore::Options ManyFlushesAndIngests() {
  RocksDbStore::Options options = ManyFlushes();
  options.ingest_bytes_min = 700;
  return options;
}

// Batch `n` in its entirety follows from `n`. It goes to partition n % 2 as offset n / 2.
WriteBatch NumberedBatch(uint64_t n) {
  WriteBatch batch;
  const std::string number = std::to_string(n);
  batch.Put(Family::kTrail, "trail " + number, std::string(100 + n * 37 % 400, 't'));
  batch.Put(Family::kHistory, "entity " + std::to_string(n % 53) + " " + number, number);
  batch.Put(Family::kActor, "actor " + std::to_string(n % 7) + " " + number, number);
  batch.Put(Family::kState, "state " + std::to_string(n % 41), number);
  batch.Delete(Family::kState, "state " + std::to_string((n + 20) % 41));
  return batch;
}

class Model {
 public:
  void AdvanceTo(uint64_t batches) {
    for (; batches_ < batches; ++batches_) {
      const WriteBatch batch = NumberedBatch(batches_);
      for (const Family family : kFamilies) {
        const RowRun& writes = batch.rows(family);
        auto& rows = rows_[static_cast<size_t>(family)];
        for (size_t i = 0; i < writes.count(); ++i) {
          const StoreRow write = writes.at(i);
          if (write.is_delete) {
            rows.erase(std::string(write.key));
          } else {
            rows[std::string(write.key)] = write.value;
          }
        }
      }
    }
  }
  uint64_t batches() const { return batches_; }
  StoreRows Rows(Family family) const {
    const auto& rows = rows_[static_cast<size_t>(family)];
    return {rows.begin(), rows.end()};
  }

 private:
  uint64_t batches_ = 0;
  std::array<std::map<std::string, std::string>, kFamilyCount> rows_;
};

TEST(RocksDbChild, DISABLED_WritesUntilItIsKilled) {
  auto store = RocksDbStore::Open(DirOfChild() / "store", ManyFlushesAndIngests()).value();
  uint64_t n =
      store->Applied(PartitionId(0)).value().value + store->Applied(PartitionId(1)).value().value;
  std::ofstream(DirOfChild() / "started") << n;
  while (true) {
    const Status written = store->Write(NumberedBatch(n), PartitionId(static_cast<uint16_t>(n % 2)),
                                        Offset(n / 2 + 1));
    ASSERT_TRUE(written.ok()) << written.ToString();
    ++n;
  }
}

TEST(RocksDbCrash, AfterAKillTheStoreHoldsExactlyTheBatchesItHasApplied) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 rng(seed);
  const ScratchDir scratch;
  Model model;
  int lost_families = 0;
  int advances = 0;  // rounds that have left something new on disk
  // As many rounds as it takes on a slow disk for the kills to fall before, into and after flushes.
  for (int round = 0; round < 30 || (advances < 12 && round < 400); ++round) {
    std::filesystem::create_directories(scratch / "");
    std::filesystem::remove(scratch / "started");
    const Child child("WritesUntilItIsKilled", scratch / "");
    while (!std::filesystem::exists(scratch / "started")) ::usleep(1000);
    ::usleep(rng() % 100'000);
    child.Kill();
    ASSERT_TRUE(WIFSIGNALED(child.Await())) << "the child has failed by itself";

    const auto store = RocksDbStore::Open(scratch / "store", ManyFlushesAndIngests()).value();
    EXPECT_FALSE(std::filesystem::exists(scratch / "store" / "ingest"));
    const auto even = store->Applied(PartitionId(0));
    const auto odd = store->Applied(PartitionId(1));
    if (!even.ok() || !odd.ok()) {
      // RocksDB bug #11148 is rare, but it is why families have watermarks: found, not overlooked.
      ++lost_families;
      std::printf("round %d: %s\n", round, (even.ok() ? odd : even).status().message().c_str());
      std::filesystem::remove_all(scratch / "store");
      model = Model();
      continue;
    }
    const uint64_t batches = even->value + odd->value;
    ASSERT_EQ(even->value, (batches + 1) / 2);
    ASSERT_GE(batches, model.batches()) << "what was on disk is gone";
    advances += batches > model.batches();
    model.AdvanceTo(batches);
    for (const Family family : kFamilies) {
      ASSERT_EQ(AllRows(*store->NewSnapshot(), family), model.Rows(family))
          << "round " << round << ", " << batches << " batches";
    }
  }
  EXPECT_GE(advances, 12) << "too few flushes for this test to mean anything";
  EXPECT_LE(lost_families, 1);
}

TEST(RocksDbChild, DISABLED_FindsTheStoreInUse) {
  const auto store = RocksDbStore::Open(DirOfChild());
  ASSERT_EQ(store.status().code(), StatusCode::kFailedPrecondition) << store.status().ToString();
  EXPECT_NE(store.status().message().find("in use by another process"), std::string::npos);
}

TEST(RocksDbCrash, ASecondProcessIsRefused) {
  const ScratchDir scratch;
  const auto store = RocksDbStore::Open(scratch / "store").value();
  EXPECT_EQ(Child("FindsTheStoreInUse", scratch / "store").Await(), 0);
}

WriteBatch DiskFillingBatch(uint64_t n) {
  std::mt19937_64 rng(n);
  WriteBatch batch;
  for (int i = 0; i < 100; ++i) {
    batch.Put(Family::kTrail, std::to_string(rng()), "incompressible");
  }
  return batch;
}

TEST(RocksDbChild, DISABLED_FillsTheDisk) {
  auto store = RocksDbStore::Open(DirOfChild(), ManyFlushes()).value();
  // A file that may not grow stands for a disk that is full.
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {.rlim_cur = 20'000, .rlim_max = 20'000};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  Status written;
  for (uint64_t n = 0; written.ok() && n < 100'000; ++n) {
    written = store->Write(DiskFillingBatch(n), PartitionId(0), Offset(n + 1));
  }
  EXPECT_EQ(written.code(), StatusCode::kIo) << written.ToString();
  EXPECT_EQ(store->Flush().code(), StatusCode::kIo);
}

TEST(RocksDbCrash, AFailedFlushInTheBackgroundIsReturnedByWrite) {
  const ScratchDir scratch;
  EXPECT_EQ(Child("FillsTheDisk", scratch / "store").Await(), 0);
  // What was flushed before the disk was full is there, whole; nothing of the flush that failed.
  const auto store = RocksDbStore::Open(scratch / "store").value();
  MemoryStore expected;
  const Offset applied = store->Applied(PartitionId(0)).value();
  for (uint64_t n = 0; n < applied.value; ++n) {
    ASSERT_TRUE(expected.Write(DiskFillingBatch(n), PartitionId(0), Offset(n + 1)).ok());
  }
  EXPECT_EQ(AllRows(*store->NewSnapshot(), Family::kTrail),
            AllRows(*expected.NewSnapshot(), Family::kTrail));
}

TEST(RocksDbChild, DISABLED_FillsTheDiskWithAFileToIngest) {
  auto store = RocksDbStore::Open(DirOfChild(), {.ingest_bytes_min = 1 << 20}).value();
  ASSERT_TRUE(store->Write(DiskFillingBatch(0), PartitionId(0), Offset(1)).ok());
  ASSERT_TRUE(store->Flush().ok());
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {.rlim_cur = 1'000'000, .rlim_max = RLIM_INFINITY};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  WriteBatch large;
  for (uint64_t n = 0; large.bytes() < size_t{4} << 20; ++n) large.Append(DiskFillingBatch(n));
  const Status written = store->Write(large, PartitionId(0), Offset(2));
  EXPECT_EQ(written.code(), StatusCode::kIo) << written.ToString();
  EXPECT_EQ(store->Applied(PartitionId(0)).value(), Offset(1));
  EXPECT_FALSE(std::filesystem::exists(DirOfChild() / "ingest"));
}

TEST(RocksDbCrash, ABatchThatCouldNotBecomeFilesLeavesTheStoreAsItWas) {
  const ScratchDir scratch;
  EXPECT_EQ(Child("FillsTheDiskWithAFileToIngest", scratch / "store").Await(), 0);
  const auto store = RocksDbStore::Open(scratch / "store").value();
  EXPECT_EQ(store->Applied(PartitionId(0)).value(), Offset(1));
  MemoryStore expected;
  ASSERT_TRUE(expected.Write(DiskFillingBatch(0), PartitionId(0), Offset(1)).ok());
  EXPECT_EQ(AllRows(*store->NewSnapshot(), Family::kTrail),
            AllRows(*expected.NewSnapshot(), Family::kTrail));
}

}  // namespace
}  // namespace conntrail
