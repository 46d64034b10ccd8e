// What do a million events cost a RocksDbStore, written in batches and loaded in bulk, and how long
// does a reader wait afterwards? Limits: bulk 2 us CPU an event, the last 50 rows 10 us, one
// SeekForPrev 5 us warm.
//
//   store_bench [events] [write|bulk]...
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "events/base/bytes.h"
#include "events/base/check.h"
#include "projections/store/bulk_loader.h"
#include "projections/store/rocksdb_store.h"

namespace conntrail {
namespace {

constexpr uint32_t kOrgs = 1000;
constexpr uint32_t kEntities = 100'000;
constexpr uint32_t kActors = 10'000;
constexpr size_t kBatchEvents = 1000;

Status Add(BulkLoader& loader, const WriteBatch& batch) {
  loader.rows().Append(batch);
  return loader.PutAsideIfFull();
}

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

uint64_t Mixed(uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Random ids between words that repeat, about as compressible as real rows are.
void FillValue(std::string& value, size_t size, uint64_t seed) {
  static constexpr std::string_view kWords =
      "connection updated by service account terraform name token_scopes integration pagerduty "
      "slack jira editor viewer user team role expected revision changed field previous current ";
  value.clear();
  while (value.size() < size) {
    const uint64_t random = seed = Mixed(seed);
    value.append(reinterpret_cast<const char*>(&random), 8);
    value.append(kWords.substr(random % 150, 9 + random % 12));
  }
  value.resize(size);
}

// Event i: its org, entity and actor, and the keys of its rows.
class Workload {
 public:
  Workload() : rng_(7) {
    double sum = 0;
    for (uint32_t org = 0; org < kOrgs; ++org) org_weights_.push_back(sum += 1.0 / (org + 1));
    indexes_.resize(kOrgs);
  }

  void Step() {
    std::uniform_real_distribution<double> point(0, org_weights_.back());
    const auto found = std::lower_bound(org_weights_.begin(), org_weights_.end(), point(rng_));
    org_ = static_cast<uint32_t>(found - org_weights_.begin());
    entity_ = rng_() % kEntities / kOrgs;
    actor_ = rng_() % kActors / kOrgs;
    index_ = indexes_[org_]++;
    time_ += 3;
    ++events_;
  }

  uint64_t events() const { return events_; }

  std::string OrgKey(uint32_t org) const {
    std::string key;
    AppendBigEndian(key, 0, 2);
    AppendBigEndian(key, org, 4);
    return key;
  }
  std::string WhoseKey(uint32_t org, int kind, uint64_t number) const {
    std::string key = OrgKey(org);
    if (kind >= 0) AppendBigEndian(key, static_cast<uint64_t>(kind), 1);
    const uint64_t seed =
        Mixed(uint64_t{org} << 40 | static_cast<uint64_t>(kind + 1) << 32 | number);
    AppendBigEndian(key, seed, 8);
    AppendBigEndian(key, Mixed(seed), 8);
    return key;
  }
  std::string AtNow(std::string key) const {
    AppendBigEndian(key, time_, 6);
    AppendBigEndian(key, index_, 6);
    return key;
  }
  std::string TrailKey() const { return AtNow(OrgKey(org_)); }
  std::string HistoryKey() const { return AtNow(WhoseKey(org_, 1, entity_)); }
  std::string ActorKey() const { return AtNow(WhoseKey(org_, -1, actor_)); }
  std::string StateKey() const { return WhoseKey(org_, 1, entity_); }

  uint32_t org() const { return org_; }
  uint64_t entity() const { return entity_; }
  uint64_t actor() const { return actor_; }

 private:
  std::mt19937_64 rng_;
  std::vector<double> org_weights_;
  std::vector<uint64_t> indexes_;
  uint32_t org_ = 0;
  uint64_t entity_ = 0;
  uint64_t actor_ = 0;
  uint64_t index_ = 0;
  uint64_t time_ = 1'700'000'000'000;
  uint64_t events_ = 0;
};

// Rows of one event. With `state`, four: what the projector writes while it follows the log.
void PutEvent(WriteBatch& batch, const Workload& load, bool state) {
  static std::string value;
  const uint64_t seed = load.events() * 8;
  FillValue(value, 480, seed);
  batch.Put(Family::kTrail, load.TrailKey(), value);
  FillValue(value, seed % 32 == 0 ? 600 : 75, seed + 1);
  batch.Put(Family::kHistory, load.HistoryKey(), value);
  FillValue(value, 75, seed + 2);
  batch.Put(Family::kActor, load.ActorKey(), value);
  FillValue(value, 600, seed + 3);
  if (state) batch.Put(Family::kState, load.StateKey(), value);
}

void PutAllState(WriteBatch& batch) {
  const Workload load;
  std::string value;
  for (uint32_t org = 0; org < kOrgs; ++org) {
    for (uint64_t entity = 0; entity < kEntities / kOrgs; ++entity) {
      FillValue(value, 600, org * 1000 + entity);
      batch.Put(Family::kState, load.WhoseKey(org, 1, entity), value);
    }
  }
}

// CPU of making the rows alone, to be taken off.
double GeneratorSeconds(size_t events, bool state) {
  Workload load;
  WriteBatch batch;
  const double begin = CpuSeconds();
  for (size_t i = 0; i < events; ++i) {
    if (i % kBatchEvents == 0) batch.Clear();
    load.Step();
    PutEvent(batch, load, state);
  }
  if (!state) PutAllState(batch);
  return CpuSeconds() - begin;
}

uint64_t DirectoryBytes(const std::filesystem::path& dir) {
  uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(dir)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

size_t PeakMegabytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) / 1024;
}

void PrintLoad(const char* what, size_t events, double cpu, double wall, uint64_t disk_bytes) {
  std::printf("%-34s %6.2f us CPU/event %9.0f events/s   %5.0f B/event on disk   peak %zu MB\n",
              what, cpu * 1e6 / static_cast<double>(events), static_cast<double>(events) / wall,
              static_cast<double>(disk_bytes) / static_cast<double>(events), PeakMegabytes());
  std::fflush(stdout);
}

template <typename Question>
void Measure(const char* what, Question question) {
  constexpr int kRounds = 20'000;
  std::vector<double> micros;
  Workload load;
  for (int i = 0; i < 3 * kRounds; ++i) {
    load.Step();
    const double begin = WallSeconds();
    question(load);
    if (i >= kRounds) micros.push_back((WallSeconds() - begin) * 1e6);
  }
  std::sort(micros.begin(), micros.end());
  std::printf("  %-34s p50 %7.2f us   p99 %7.2f us\n", what, micros[micros.size() / 2],
              micros[micros.size() * 99 / 100]);
  std::fflush(stdout);
}

// The newest row of an org, entity or actor of a random event, and those before it.
std::string NewestKey(Family family, const Workload& load) {
  std::string key = load.OrgKey(load.org());
  if (family == Family::kHistory) key = load.WhoseKey(load.org(), 1, load.entity());
  if (family == Family::kActor) key = load.WhoseKey(load.org(), -1, load.actor());
  return key + std::string(12, '\xFF');
}

void MeasureReads(const Store& store) {
  const auto snapshot = store.NewSnapshot();
  Measure("NewSnapshot", [&](const Workload&) { (void)store.NewSnapshot(); });
  Measure("Get kState", [&](const Workload& load) {
    CONNTRAIL_CHECK(snapshot->Get(Family::kState, load.StateKey()).ok());
  });
  Measure("Get kState, absent", [&](const Workload& load) {
    CONNTRAIL_CHECK(snapshot->Get(Family::kState, load.StateKey() + "x").ok());
  });
  for (const Family family : {Family::kTrail, Family::kHistory, Family::kActor}) {
    const char* name = family == Family::kTrail     ? "kTrail"
                       : family == Family::kHistory ? "kHistory"
                                                    : "kActor";
    Measure((std::string(name) + " NewIterator").c_str(),
            [&](const Workload&) { (void)snapshot->NewIterator(family); });
    Measure((std::string(name) + " SeekForPrev").c_str(), [&](const Workload& load) {
      const auto rows = snapshot->NewIterator(family);
      rows->SeekForPrev(NewestKey(family, load));
    });
    Measure((std::string(name) + " SeekForPrev, last 50").c_str(), [&](const Workload& load) {
      const auto rows = snapshot->NewIterator(family);
      rows->SeekForPrev(NewestKey(family, load));
      for (int i = 0; i < 50 && rows->Valid(); ++i) rows->Prev();
      CONNTRAIL_CHECK(rows->status().ok());
    });
    Measure((std::string(name) + " Seek, first 50").c_str(), [&](const Workload& load) {
      const auto rows = snapshot->NewIterator(family);
      rows->Seek(NewestKey(family, load).substr(0, NewestKey(family, load).size() - 12));
      for (int i = 0; i < 50 && rows->Valid(); ++i) rows->Next();
      CONNTRAIL_CHECK(rows->status().ok());
    });
  }
}

void BenchWrite(const std::filesystem::path& dir, size_t events) {
  const double generator = GeneratorSeconds(events, true);
  auto store = RocksDbStore::Open(dir).value();
  const double cpu = CpuSeconds();
  const double wall = WallSeconds();
  Workload load;
  WriteBatch batch;
  for (size_t i = 0; i < events; ++i) {
    load.Step();
    PutEvent(batch, load, true);
    if (batch.count() < 4 * kBatchEvents && i + 1 < events) continue;
    CONNTRAIL_CHECK(store->Write(batch, PartitionId(0), Offset(i + 1)).ok());
    batch.Clear();
  }
  const double cpu_used = CpuSeconds() - cpu - generator;
  const double wall_used = WallSeconds() - wall - generator;
  PrintLoad("Write, 1,000 events a batch", events, cpu_used, wall_used, DirectoryBytes(dir));
  std::printf(" the newest rows in memory:\n");
  MeasureReads(*store);
  const double close_cpu = CpuSeconds();
  const double close_wall = WallSeconds();
  CONNTRAIL_CHECK(store->Close().ok());
  PrintLoad("Close, with the last flush", events, CpuSeconds() - close_cpu,
            WallSeconds() - close_wall, DirectoryBytes(dir));
  store = RocksDbStore::Open(dir).value();
  std::printf(" all rows on disk:\n");
  MeasureReads(*store);
}

void BenchBulk(const std::filesystem::path& dir, size_t events) {
  const double generator = GeneratorSeconds(events, false);
  const double cpu = CpuSeconds();
  const double wall = WallSeconds();
  auto loader = BulkLoader::Create(dir).value();
  Workload load;
  WriteBatch batch;
  for (size_t i = 0; i < events; ++i) {
    load.Step();
    PutEvent(batch, load, false);
    if (batch.count() < 3 * kBatchEvents && i + 1 < events) continue;
    CONNTRAIL_CHECK(Add(*loader, batch).ok());
    batch.Clear();
  }
  PutAllState(batch);
  CONNTRAIL_CHECK(Add(*loader, batch).ok());
  std::printf("   added after %.2f us CPU/event\n",
              (CpuSeconds() - cpu - generator) * 1e6 / static_cast<double>(events));
  const Status finished = loader->Finish({{PartitionId(0), Offset(events)}});
  CONNTRAIL_CHECK(finished.ok());
  PrintLoad("bulk", events, CpuSeconds() - cpu - generator, WallSeconds() - wall - generator,
            DirectoryBytes(dir));
  const auto store = RocksDbStore::Open(dir).value();
  MeasureReads(*store);
}

}  // namespace
}  // namespace conntrail

int main(int argc, char** argv) {
  const size_t events = argc > 1 ? std::stoul(argv[1]) : 1'000'000;
  std::vector<std::string> paths(argv + std::min(argc, 2), argv + argc);
  if (paths.empty()) paths = {"bulk", "write"};
  const auto dir = std::filesystem::temp_directory_path() /
                   ("conntrail_store_bench_" + std::to_string(getpid()));
  for (const std::string& path : paths) {
    std::filesystem::remove_all(dir);
    if (path == "bulk") conntrail::BenchBulk(dir, events);
    if (path == "write") conntrail::BenchWrite(dir, events);
  }
  std::filesystem::remove_all(dir);
}
