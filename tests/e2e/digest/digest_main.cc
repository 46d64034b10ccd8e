// conntrail_digest [FILE...]: folds logs that are the same wherever it is built, in memory and
// through RocksDB, and prints for each
//
//   <name> <state digest> <outcomes digest>
//
// Exits with 1 if the stores differ, or if what it prints is not what stands in the FILEs, one
// after the other. Two builds that print the same fold the same (tests/run digests).
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/rebuild.h"
#include "projections/state_digest.h"
#include "projections/store/memory_store.h"
#include "projections/store/rocksdb_store.h"
#include "tests/support/keyed_events.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

constexpr PartitionId kPartition{0};

// The logs that the rules of each version were frozen with. Logs are added, never changed. Those of
// version 2 begin under version 1, which ends at half of them.
struct Log {
  const char* name;
  uint64_t seed;
  size_t records;
  uint32_t rules = 1;
};
constexpr Log kLogs[] = {{"rules-1-varied-1", 1, 6000},   {"rules-1-varied-2", 2, 6000},
                         {"rules-1-short", 3, 300},       {"rules-2-keyed-1", 1, 6000, 2},
                         {"rules-2-keyed-2", 2, 6000, 2}, {"rules-2-short", 3, 300, 2}};

// A directory of this process, gone with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() /
            fmt::format("conntrail_digest_{:08x}{:08x}", random(), random());
    std::filesystem::create_directory(path_);
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

Result<StateDigests> FoldInto(EventLog& log, Store& store, Projector::Options options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto projector,
                             Projector::Open(log, store, kPartition, options));
  CONNTRAIL_RETURN_IF_ERROR(projector->CatchUp());
  return ComputeDigests(*store.NewSnapshot(), kPartition);
}

// Of every type there is an event that the fold could read.
bool HoldsEveryType(EventLog& log) {
  uint64_t types = 0;
  Offset next;
  for (;;) {
    const ReadBatch batch = log.Read(kPartition, next, 1 << 20).value();
    if (batch.records.empty()) break;
    for (const LogRecord& record : batch.records) {
      const DecodedEvent decoded = DecodeEvent(record.payload);
      if (decoded.fault == DecodeFault::kNone) {
        types |= uint64_t{1} << static_cast<int>(decoded.event.type());
      }
      next = record.offset.Next();
    }
  }
  return types == (uint64_t{2} << kEventTypeMax) - 2;
}

Result<std::string> LineOf(const Log& made) {
  ManualClock clock;
  MemoryLog log(1, clock, IdNamed(made.name));
  if (made.rules == 1) {
    VariedEvents events(made.seed);
    AppendVariedEvents(events, made.records, log, clock);
  } else {
    AppendKeyedEvents(made.seed, made.records, log, clock);
  }
  if (made.records > 1000 && !HoldsEveryType(log)) {
    return Status::FailedPrecondition("a type of event is missing");
  }
  const TemporaryDirectory directory;
  MemoryStore memory;
  CONNTRAIL_ASSIGN_OR_RETURN(const StateDigests digests, FoldInto(log, memory, {}));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto rocksdb, RocksDbStore::Open(directory / "stepwise"));
  CONNTRAIL_ASSIGN_OR_RETURN(
      const StateDigests stepwise,
      FoldInto(log, *rocksdb, {.folder = {.cached_entities_max = 8}, .batch_records_max = 97}));
  CONNTRAIL_RETURN_IF_ERROR(BuildProjection(log, kPartition, directory / "built", {}, nullptr));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto opened, RocksDbStore::Open(directory / "built"));
  CONNTRAIL_ASSIGN_OR_RETURN(const StateDigests built,
                             ComputeDigests(*opened->NewSnapshot(), kPartition));
  if (stepwise != digests || built != digests) {
    return Status::Corruption(fmt::format("in memory {} {}, through RocksDB {} {}, rebuilt {} {}",
                                          digests.state, digests.outcomes, stepwise.state,
                                          stepwise.outcomes, built.state, built.outcomes));
  }
  return fmt::format("{} {} {}\n", made.name, digests.state, digests.outcomes);
}

int Main(std::span<char*> expected_paths) {
  std::string lines;
  for (const Log& made : kLogs) {
    const Result<std::string> line = LineOf(made);
    if (!line.ok()) {
      fmt::print(stderr, "{}: {}\n", made.name, line.status().ToString());
      return 1;
    }
    fmt::print("{}", *line);
    lines += *line;
  }
  if (expected_paths.empty()) return 0;
  std::string expected;
  for (const char* path : expected_paths) {
    std::ifstream file(path);
    expected.append(std::istreambuf_iterator<char>(file), {});
  }
  if (lines == expected) return 0;
  fmt::print(stderr, "but the files have\n{}", expected);
  return 1;
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) {
  return conntrail::Main(std::span(argv, static_cast<size_t>(argc)).subspan(1));
}
