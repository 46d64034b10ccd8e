// What does it cost to turn the log into the store, batch by batch (live) and in bulk (rebuild)?
// The limit: writing rows of these sizes to the store with no fold at all is in store_bench.
//
// usage: projector_bench [events]

#include <cstdlib>
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/event_codec.h"
#include "projections/projector.h"
#include "projections/rebuild.h"
#include "projections/store/rocksdb_store.h"
#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;

void Fail(const Status& status) {
  fmt::print(stderr, "projector_bench: {}\n", status.ToString());
  std::exit(1);
}

void Print(const char* what, double events, const Stopwatch& watch, double base_mib) {
  const double wall = watch.wall();
  const double cpu = watch.cpu();
  fmt::print(
      "  {:8} {:8.0f} events/s  {:5.2f} us CPU/event  {:.2f} cores  peak {:5.0f} MiB above the "
      "log\n",
      what, events / wall, cpu / events * 1e6, cpu / wall, PeakMiB() - base_mib);
}

void Follow(MemoryLog& log, double events, const fs::path& directory) {
  ResetPeak();
  const double base = PeakMiB();
  auto store = RocksDbStore::Open(directory);
  if (!store.ok()) Fail(store.status());
  const Stopwatch watch;
  auto projector = Projector::Open(log, **store, PartitionId(0));
  if (!projector.ok()) Fail(projector.status());
  Status status = (*projector)->CatchUp();
  if (status.ok()) status = (*store)->Flush();
  if (!status.ok()) Fail(status);
  Print("live", events, watch, base);
}

void Rebuild(MemoryLog& log, double events, const fs::path& directory) {
  ResetPeak();
  const double base = PeakMiB();
  const Stopwatch watch;
  const Status status = BuildProjection(log, PartitionId(0), directory, {}, nullptr);
  if (!status.ok()) Fail(status);
  Print("rebuild", events, watch, base);
}

void Run(uint64_t events) {
  Workload workload({.events = events});
  WorkloadClock clock;
  MemoryLog log(1, clock);
  for (uint64_t i = 0; i < workload.size(); ++i) {
    clock.now_ms = workload.TimeOf(i);
    const Event event = workload.Next();
    const auto offset = log.Append(PartitionId(0), event.org, EncodeEvent(event));
    if (!offset.ok()) Fail(offset.status());
  }
  const double n = static_cast<double>(workload.size());
  const fs::path root = fs::temp_directory_path() / fmt::format("projector_bench.{}", getpid());
  fs::create_directories(root);
  fmt::print("projector_bench: {} events, {} orgs (Zipf), {} connections; all indexes\n",
             workload.size(), workload.options().orgs, workload.options().connections);
  InAProcessOfItsOwn([&] { Follow(log, n, root / "live"); });
  fs::remove_all(root / "live");  // or its pages would be written back meanwhile
  InAProcessOfItsOwn([&] { Rebuild(log, n, root / "bulk"); });
  fs::remove_all(root);
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  conntrail::bench::Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000);
}
