// What does it cost to make projections from a topic of Kafka, and to write to it? The limit: a
// plain librdkafka consumer of the same topic, in the same run, with the broker on the same
// machine.
//
// usage: tests/kafka/with_broker 1 build/bench/kafka_rebuild_bench [events] [partitions]

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/event_codec.h"
#include "events/log/kafka/kafka_init.h"
#include "events/log/kafka/kafka_log.h"
#include "projections/rebuild.h"
#include "tests/bench/measure.h"
#include "tests/bench/or_die.h"
#include "tests/bench/workload.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;

constexpr size_t kThreads = 2;
constexpr size_t kGroup = 4096;

void Print(const char* what, double events, const Stopwatch& watch) {
  const double wall = watch.wall();
  const double cpu = watch.cpu();
  fmt::print("  {:34} {:9.0f} events/s  {:5.2f} us CPU/event  {:.2f} cores  peak {:5.0f} MiB\n",
             what, events / wall, cpu / events * 1e6, cpu / wall, PeakMiB());
}

KafkaSettings SettingsFor(const std::string& topic) {
  KafkaSettings settings;
  const char* bootstrap = std::getenv("KAFKA_BOOTSTRAP");
  if (bootstrap == nullptr) {
    Fail(Status::InvalidArgument("run this with tests/kafka/with_broker 1"));
  }
  settings.address = {bootstrap, topic};
  settings.accepted = {"replication"};
  settings.append_wait = std::chrono::minutes(1);
  return settings;
}

// Appends the workload, each org to one partition, and returns how many bytes that were.
void Produce(const KafkaSettings& settings, uint64_t events, size_t partitions) {
  OrDie(InitKafkaLog(settings, {.partitions = partitions}));
  const auto log = OrDie(KafkaLog::Open(settings));
  Workload workload({.events = events});
  std::vector<std::vector<std::pair<OrgId, Bytes>>> waiting(partitions);
  uint64_t bytes = 0;
  double waited = 0;
  const auto append = [&](size_t p) {
    std::vector<NewRecord> records;
    for (const auto& [org, payload] : waiting[p]) records.push_back({org, payload});
    const Stopwatch watch;
    for (const auto& one : log->AppendEach(PartitionId(static_cast<uint16_t>(p)), records)) {
      if (!one.ok()) Fail(one.status());
    }
    waited += watch.wall();
    waiting[p].clear();
  };
  for (uint64_t i = 0; i < workload.size(); ++i) {
    const Event event = workload.Next();
    const size_t p = std::hash<OrgId>()(event.org) % partitions;
    waiting[p].emplace_back(event.org, EncodeEvent(event));
    bytes += waiting[p].back().second.size();
    if (waiting[p].size() == kGroup) append(p);
  }
  for (size_t p = 0; p < partitions; ++p) {
    if (!waiting[p].empty()) append(p);
  }
  fmt::print("kafka_rebuild_bench: {} events of {:.0f} bytes, {} partitions; {} threads\n",
             workload.size(), static_cast<double>(bytes) / static_cast<double>(workload.size()),
             partitions, kThreads);
  fmt::print("  {:34} {:9.0f} events/s\n", fmt::format("durable, {} at a time", kGroup),
             static_cast<double>(workload.size()) / waited);
}

// The limit: librdkafka alone, batches, checksums on, nothing done with what comes.
void ConsumePlainly(const KafkaSettings& settings, uint64_t records, size_t partitions) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"bootstrap.servers", settings.address.bootstrap.c_str()}, {"check.crcs", "true"}}) {
    rd_kafka_conf_set(conf, name, value, nullptr, 0);
  }
  const Stopwatch watch;
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, settings.address.topic.c_str(), nullptr);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  for (size_t p = 0; p < partitions; ++p) {
    rd_kafka_consume_start_queue(topic, static_cast<int32_t>(p), 0, queue);
  }
  std::array<rd_kafka_message_t*, 2000> messages{};
  for (uint64_t seen = 0; seen < records + partitions;) {  // an origin each
    const ssize_t count = rd_kafka_consume_batch_queue(queue, 5, messages.data(), messages.size());
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++seen;
      rd_kafka_message_destroy(message);
    }
  }
  Print("plain librdkafka consumer", static_cast<double>(records), watch);
}

// Runs `one` for each partition, some at a time.
void ForEachPartition(size_t partitions, const std::function<void(PartitionId)>& one) {
  std::atomic<uint16_t> next{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (uint16_t p = next++; p < partitions; p = next++) one(PartitionId(p));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void ReadLog(const KafkaSettings& settings, uint64_t records, size_t partitions) {
  const Stopwatch watch;
  const auto log = OrDie(KafkaLog::Open(settings));
  ForEachPartition(partitions, [&](PartitionId p) {
    const Offset end = OrDie(log->End(p));
    for (Offset at(0); at < end;) {
      at = OrDie(log->Read(p, at, size_t{4} << 20)).records.back().offset.Next();
    }
  });
  Print("KafkaLog::Read", static_cast<double>(records), watch);
}

void Rebuild(const KafkaSettings& settings, uint64_t records, size_t partitions,
             const fs::path& root) {
  const Stopwatch watch;
  const auto log = OrDie(KafkaLog::Open(settings));
  ForEachPartition(partitions, [&](PartitionId p) {
    const Status status = BuildProjection(*log, p, root / std::to_string(p.value), {}, nullptr);
    if (!status.ok()) Fail(status);
  });
  Print("rebuild, all projections", static_cast<double>(records), watch);
}

// 512 records at a time, one call after the other.
void WriteMany(KafkaSettings settings, bool writes_headers) {
  settings.writes_headers = writes_headers;
  const auto log = OrDie(KafkaLog::Open(settings));
  Workload workload({.orgs = 1, .connections = 600, .events = 600});
  std::vector<Bytes> payloads;
  for (int i = 0; i < 512; ++i) payloads.push_back(EncodeEvent(workload.Next()));
  std::vector<NewRecord> records;
  for (const Bytes& payload : payloads) records.push_back({OrgId{{1, 1}}, payload});
  const Stopwatch watch;
  size_t written = 0;
  while (watch.wall() < 5) {
    for (const auto& one : log->AppendEach(PartitionId(0), records)) written += one.ok() ? 1 : 0;
  }
  Print(writes_headers ? "the same with headers" : "durable, 512 in flight",
        static_cast<double>(written), watch);
}

// A thousand appends a second, by eight callers.
void WriteSteadily(const KafkaSettings& settings) {
  constexpr int kCallers = 8;
  constexpr int kEach = 1000;
  const auto log = OrDie(KafkaLog::Open(settings));
  const Bytes payload(400, std::byte{7});
  OrDie(log->Append(PartitionId(0), OrgId{{1, 1}}, payload));  // connects
  std::vector<Latencies> latencies(kCallers);
  std::vector<std::thread> callers;
  for (int c = 0; c < kCallers; ++c) {
    callers.emplace_back([&, c] {
      auto at = std::chrono::steady_clock::now();
      for (int i = 0; i < kEach; ++i) {
        at += std::chrono::milliseconds(kCallers);
        std::this_thread::sleep_until(at);
        OrDie(log->Append(PartitionId(0), OrgId{{1, 1}}, payload));
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - at;  // a late caller's wait counts too
        latencies[static_cast<size_t>(c)].us.push_back(took.count());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  Latencies all;
  for (const Latencies& one : latencies) all.us.insert(all.us.end(), one.us.begin(), one.us.end());
  std::sort(all.us.begin(), all.us.end());
  fmt::print("  {:34} p50 {:.2f} ms  p99 {:.2f} ms\n", "append, 1,000/s", all.Percentile(50) / 1000,
             all.Percentile(99) / 1000);
}

void Run(uint64_t events, size_t partitions) {
  const KafkaSettings settings = SettingsFor("bench");
  InAProcessOfItsOwn([&] { Produce(settings, events, partitions); });
  const uint64_t records = Workload({.events = events}).size();
  const fs::path root = fs::temp_directory_path() / fmt::format("kafka_bench.{}", getpid());
  for (int round = 0; round < 2; ++round) {
    InAProcessOfItsOwn([&] { ConsumePlainly(settings, records, partitions); });
    InAProcessOfItsOwn([&] { ReadLog(settings, records, partitions); });
    fs::create_directories(root);
    InAProcessOfItsOwn([&] { Rebuild(settings, records, partitions, root); });
    fs::remove_all(root);
  }
  InAProcessOfItsOwn([&] { OrDie(InitKafkaLog(SettingsFor("writes"), {})); });
  InAProcessOfItsOwn([&] { WriteMany(SettingsFor("writes"), false); });
  InAProcessOfItsOwn([&] { WriteSteadily(SettingsFor("writes")); });
  for (const bool writes_headers : {true, false, true}) {
    InAProcessOfItsOwn([&] { WriteMany(SettingsFor("writes"), writes_headers); });
  }
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  conntrail::bench::Run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000,
                        argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 12);
}
