// Are hand-written segments clearly better for the embedded log than RocksDB with a synced WAL?
//
// Both take the same records of 400 bytes, with 1 and 64 appenders, on the same directory's disk,
// in turns, and are then read from the start. Absolute rates are this machine's; the ratios are
// what to compare: 64 appenders against 1 (limit: 10), and replay (limit: 1,000,000 records/s on
// one core).
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <rocksdb/db.h>
#include <sys/resource.h>
#include <unistd.h>

#include "events/log/embedded_log.h"

namespace conntrail {
namespace {

using std::chrono::steady_clock;

constexpr size_t kPayloadBytes = 400;
constexpr uint64_t kReplayRecords = 1'000'000;
constexpr auto kAppendTime = std::chrono::seconds(4);

double SecondsSince(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

double ProcessorSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// What this process had the kernel write, by /proc/self/io.
uint64_t BytesWritten() {
  uint64_t bytes = 0;
  std::FILE* file = std::fopen("/proc/self/io", "r");
  if (file == nullptr) return 0;
  char line[128];
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::sscanf(line, "write_bytes: %lu", &bytes) == 1) break;
  }
  std::fclose(file);
  return bytes;
}

// The same payload is never written twice, and does not compress: it stands for encrypted or
// compressed facts, and keeps the comparison about the log, not about lz4.
void FillPayload(uint64_t number, char* payload) {
  uint64_t state = number * 0x9E3779B97F4A7C15u + 1;
  for (size_t i = 0; i < kPayloadBytes; i += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(payload + i, &state, 8);
  }
}

// What is compared.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual const char* name() const = 0;
  virtual bool Append(ByteSpan payload) = 0;                           // durable when it returns
  virtual bool AppendMany(const std::vector<ByteSpan>& payloads) = 0;  // likewise
  virtual uint64_t Replay() = 0;  // reads all; returns how many records
};

class SegmentsSubject final : public Subject {
 public:
  explicit SegmentsSubject(const std::string& directory, uint64_t take_ahead_bytes,
                           const char* name)
      : name_(name) {
    EmbeddedLogOptions options;
    options.take_ahead_bytes = take_ahead_bytes;
    auto log = EmbeddedLog::Open(directory, options);
    CONNTRAIL_CHECK(log.ok());
    log_ = std::move(log).value();
  }
  const char* name() const override { return name_; }
  bool Append(ByteSpan payload) override {
    return log_->Append(PartitionId(0), OrgId{{1, 2}}, payload).ok();
  }
  bool AppendMany(const std::vector<ByteSpan>& payloads) override {
    return log_->AppendAll(PartitionId(0), OrgId{{1, 2}}, payloads).ok();
  }
  uint64_t Replay() override {
    Offset at(0);
    for (;;) {
      const auto batch = log_->Read(PartitionId(0), at, 1 << 20);
      CONNTRAIL_CHECK(batch.ok());
      if (batch->records.empty()) return at.value;
      at = batch->records.back().offset.Next();
    }
  }

 private:
  const char* name_;
  std::unique_ptr<EmbeddedLog> log_;
};

// The log as it would stand in RocksDB: big-endian offset → 24 bytes of time and key, payload.
class RocksSubject final : public Subject {
 public:
  explicit RocksSubject(const std::string& directory) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    options.write_buffer_size = 32 << 20;
    options.max_background_jobs = 2;
    CONNTRAIL_CHECK(rocksdb::DB::Open(options, directory, &db_).ok());
    durable_.sync = true;
  }
  ~RocksSubject() override { delete db_; }
  const char* name() const override { return "RocksDB, WAL synced"; }
  bool Append(ByteSpan payload) override { return AppendMany({payload}); }
  bool AppendMany(const std::vector<ByteSpan>& payloads) override {
    rocksdb::WriteBatch batch;
    const uint64_t first = next_.fetch_add(payloads.size());
    std::string value;
    for (size_t i = 0; i < payloads.size(); ++i) {
      std::string key;
      AppendBigEndian(key, first + i, 8);
      value.assign(24, 'k');
      value.append(AsText(payloads[i]));
      CONNTRAIL_CHECK(batch.Put(key, value).ok());
    }
    return db_->Write(durable_, &batch).ok();
  }
  uint64_t Replay() override {
    rocksdb::ReadOptions options;
    options.readahead_size = 1 << 20;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options));
    uint64_t records = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next()) ++records;
    CONNTRAIL_CHECK(it->status().ok());
    return records;
  }

 private:
  rocksdb::DB* db_ = nullptr;
  rocksdb::WriteOptions durable_;
  std::atomic<uint64_t> next_ = 0;
};

double AppendsPerSecond(Subject& subject, int appenders) {
  std::atomic<uint64_t> appends = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  const auto start = steady_clock::now();
  for (int a = 0; a < appenders; ++a) {
    threads.emplace_back([&, a] {
      char payload[kPayloadBytes];
      for (uint64_t i = 0; !stop; ++i) {
        FillPayload(static_cast<uint64_t>(a) << 40 | i, payload);
        CONNTRAIL_CHECK(subject.Append(AsBytes({payload, kPayloadBytes})));
        ++appends;
      }
    });
  }
  std::this_thread::sleep_for(kAppendTime);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(appends) / SecondsSince(start);
}

void AppendForReplay(Subject& subject) {
  constexpr size_t kBatch = 1000;
  std::vector<std::string> texts(kBatch, std::string(kPayloadBytes, ' '));
  for (uint64_t i = 0; i < kReplayRecords; i += kBatch) {
    std::vector<ByteSpan> payloads;
    for (size_t k = 0; k < kBatch; ++k) {
      FillPayload(i + k, texts[k].data());
      payloads.push_back(AsBytes(texts[k]));
    }
    CONNTRAIL_CHECK(subject.AppendMany(payloads));
  }
}

struct Figures {
  double lone = 0;
  double many = 0;
  double replay = 0;  // records per processor second
};

Figures Measure(Subject& subject) {
  Figures f;
  f.lone = AppendsPerSecond(subject, 1);
  f.many = AppendsPerSecond(subject, 64);
  const uint64_t written_before = BytesWritten();
  const auto fill_start = steady_clock::now();
  const double fill_processor = ProcessorSeconds();
  AppendForReplay(subject);
  const double fill_seconds = SecondsSince(fill_start);
  const double written = static_cast<double>(BytesWritten() - written_before);
  const double fill_cpu = ProcessorSeconds() - fill_processor;
  subject.Replay();  // brings the files into the page cache
  const double before = ProcessorSeconds();
  const uint64_t records = subject.Replay();
  f.replay = static_cast<double>(records) / (ProcessorSeconds() - before);
  std::printf("%-28s %9.0f %9.0f %7.1f %11.0f %12.0f %10.2f %9.2f\n", subject.name(), f.lone,
              f.many, f.many / f.lone, kReplayRecords / fill_seconds, f.replay,
              fill_cpu / kReplayRecords * 1e6,
              written / static_cast<double>(kReplayRecords * kPayloadBytes));
  std::fflush(stdout);
  return f;
}

int Run() {
  const auto root = std::filesystem::temp_directory_path() /
                    ("conntrail-log-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directory(root);
  std::printf("%-28s %9s %9s %7s %11s %12s %10s %9s\n", "records of 400 B", "1 app/s", "64 app/s",
              "64 / 1", "fill/s", "replay/cpu-s", "fill us", "wr/payload");
  Figures log;
  Figures rocks;
  for (int round = 0; round < 2; ++round) {
    const std::string directory = (root / std::to_string(round)).string();
    {
      SegmentsSubject subject(directory + "-log", 4 << 20, "EmbeddedLog");
      log = Measure(subject);
    }
    {
      SegmentsSubject subject(directory + "-exact", 0, "EmbeddedLog, nothing ahead");
      Measure(subject);
    }
    RocksSubject subject(directory + "-rocks");
    rocks = Measure(subject);
  }
  std::filesystem::remove_all(root);
  std::printf("EmbeddedLog / RocksDB: 1 appender %.2f, 64 appenders %.2f, replay %.2f\n",
              log.lone / rocks.lone, log.many / rocks.many, log.replay / rocks.replay);
  const bool shares = log.many / log.lone >= 10;
  const bool replays = log.replay >= 1e6;
  std::printf("limit 64 / 1 appenders >= 10: %s\nlimit replay >= 1,000,000/s: %s\n",
              shares ? "kept" : "MISSED", replays ? "kept" : "MISSED");
  return shares && replays ? 0 : 1;
}

}  // namespace
}  // namespace conntrail

int main() { return conntrail::Run(); }
