// What does it cost a back end to record an event in an outbox? The limit: the embedded log that
// the outbox keeps it in, with the same bytes and the same disk, in the same run.
//
// usage: build/bench/outbox_bench [directory]

#include <atomic>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/log/embedded_log.h"
#include "events/log/memory_log.h"
#include "events/producer/outbox.h"
#include "tests/bench/measure.h"
#include "tests/bench/or_die.h"

namespace conntrail::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 3;

Event Sample() {
  Event event;
  event.org = {{1, 2}};
  event.actor = {.principal = Principal::User({3, 4}), .kind = ActorKind::kPerson};
  event.context.interface = Interface::kPlatform;
  event.context.source_ip = "192.0.2.17";
  event.context.user_agent = "platform/4.2 (back end)";
  event.context.request_id = "9f1c1f0e-5b7c-4a55-8e0c-2f6a2e0f7d11";
  event.action = ConnectionUsed{.connection = {{5, 6}}, .principal = Principal::User({3, 4})};
  return event;
}

// Runs `one` on so many threads for a while, and prints how often and how long.
template <typename One>
void Load(const std::string& what, int threads, One one) {
  std::vector<std::vector<double>> us(static_cast<size_t>(threads));
  std::vector<std::thread> running;
  const Stopwatch watch;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      while (watch.wall() < kSeconds) {
        const double before = WallSeconds();
        one();
        us[static_cast<size_t>(t)].push_back((WallSeconds() - before) * 1e6);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double cpu = watch.cpu();
  const double wall = watch.wall();
  Latencies all;
  for (const auto& of_one : us) all.us.insert(all.us.end(), of_one.begin(), of_one.end());
  std::sort(all.us.begin(), all.us.end());
  const auto count = static_cast<double>(all.us.size());
  fmt::print("  {:44} {:8.0f}/s  p50 {:7.0f} us  p99 {:8.0f} us  {:6.1f} us CPU\n", what,
             count / wall, all.Percentile(50), all.Percentile(99), cpu / count * 1e6);
}

std::unique_ptr<Outbox> Open(const fs::path& path, EventLog* log, SyncCall sync) {
  OutboxOptions options;
  options.producer = "bench";
  options.sync = std::move(sync);
  options.bytes_max = uint64_t{8} << 30;
  return OrDie(Outbox::Open(
      path,
      [log]() -> Result<std::unique_ptr<EventLog>> {
        if (log == nullptr) return Status::Unavailable("nobody listens");
        return std::unique_ptr<EventLog>(
            std::make_unique<MemoryLog>(1, Clock::System(), log->log_id()));
      },
      std::move(options)));
}

void Run(const fs::path& root) {
  const Bytes payload = EncodeEvent(Sample());
  fmt::print("outbox_bench: events of about {} bytes\n", payload.size() + 70);
  MemoryLog log(1, Clock::System());
  const SyncCall none = [](int) { return 0; };
  for (const bool syncs : {true, false}) {
    const SyncCall sync = syncs ? nullptr : none;
    for (const int threads : {1, 8, 64}) {
      const std::string how = fmt::format("{} threads{}", threads, syncs ? "" : ", without syncs");
      fs::create_directories(root);
      {
        const auto embedded = OrDie(EmbeddedLog::Open((root / "log").string(), {.sync = sync}));
        Load("embedded log, " + how, threads, [&] {
          OrDie(embedded->Append(PartitionId(0), OrgId{{1, 2}}, payload));
        });
      }
      {
        const auto outbox = Open(root / "away", nullptr, sync);
        Load("outbox, the log away, " + how, threads, [&] { OrDie(outbox->Record(Sample())); });
      }
      {
        const auto outbox = Open(root / "there", &log, sync);
        Load("outbox, sending meanwhile, " + how, threads,
             [&] { OrDie(outbox->Record(Sample())); });
      }
      fs::remove_all(root);
    }
  }
}

}  // namespace
}  // namespace conntrail::bench

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  conntrail::bench::Run((argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path()) /
                        fmt::format("outbox_bench.{}", getpid()));
}
