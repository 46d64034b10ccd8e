// A process with an outbox is killed again and again, at any moment.

#include <csignal>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "events/log/embedded_log.h"
#include "tests/events/producer/outbox_for_test.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

OutboxOptions CrashOptions() {
  OutboxOptions options = QuickOptions();
  options.part_bytes = 16 << 10;  // a new part every fifty events
  options.batch_bytes = 4 << 10;
  options.progress_every = milliseconds(20);
  return options;
}

// Records events until it is killed, and writes the id of each that was acknowledged to `out`.
[[noreturn]] void RecordForEver(const std::string& outbox_path, const std::string& log_path,
                                int out) {
  auto outbox = Outbox::Open(
      outbox_path,
      [&]() -> Result<std::unique_ptr<EventLog>> {
        CONNTRAIL_ASSIGN_OR_RETURN(auto log, EmbeddedLog::Open(log_path));
        return std::unique_ptr<EventLog>(std::move(log));
      },
      CrashOptions());
  if (!outbox.ok()) {
    fmt::print(stderr, "{}\n", outbox.status().ToString());
    ::_exit(1);
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (true) {
        Event event;
        event.org = Acme();
        event.action = Using("pager");
        const auto receipt = (*outbox)->Record(event);
        if (!receipt.ok()) ::_exit(2);
        const std::string line = receipt->id.ToString() + "\n";
        if (::write(out, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
          ::_exit(3);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(4);
}

// Runs that for about so long; returns how it ended.
int RunAndKill(const std::string& outbox_path, const std::string& log_path, milliseconds life,
               std::string& acknowledged) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    RecordForEver(outbox_path, log_path, ends[1]);
  }
  ::close(ends[1]);
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof(buffer))) > 0;) {
      acknowledged.append(buffer, static_cast<size_t>(n));
    }
  });
  std::this_thread::sleep_for(life);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  reader.join();
  ::close(ends[0]);
  return status;
}

TEST(OutboxCrash, WhatWasAcknowledgedBeforeAKillIsAppliedOnce) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  OutboxDirectory directory;
  const std::string log_path = directory.root() + "/log";
  OpenAcme(*EmbeddedLog::Open(log_path).value());

  std::string acknowledged;
  constexpr int kKills = 12;
  for (int i = 0; i < kKills; ++i) {
    const milliseconds life(20 + random() % 150);
    const int status = RunAndKill(directory.path(), log_path, life, acknowledged);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "ended by itself: " << status;
  }

  const auto log = EmbeddedLog::Open(log_path).value();
  const auto outbox = MustOpen(directory.path(), Lend(*log), CrashOptions());
  ASSERT_TRUE(outbox->Flush(seconds(60))) << outbox->stats().last_error;
  const Tally tally = TallyOf(*log);
  EXPECT_EQ(tally.others, 0u);
  uint64_t number = 0;
  for (const auto& [key, times] : tally.applied) {
    EXPECT_EQ(key.second, ++number) << "without gaps";
    EXPECT_EQ(times, 1);
  }
  size_t count = 0;
  for (size_t at = 0; at + 37 <= acknowledged.size(); at += 37, ++count) {
    const EventId id{*Uuid::Parse(acknowledged.substr(at, 36))};
    const auto found = tally.applied_ids.find(id);
    ASSERT_NE(found, tally.applied_ids.end()) << "lost: " << id.ToString();
    EXPECT_EQ(found->second, 1);
  }
  EXPECT_GE(tally.applied.size(), count);
  EXPECT_GT(count, kKills * 3u);
  fmt::print("{} kills, {} acknowledged, {} applied, {} sent again and recognised\n", kKills, count,
             tally.applied.size(), tally.duplicates);
}

}  // namespace
}  // namespace conntrail
