// Killed processes, full disks, failed syncs, and two processes at one log.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/events/log/log_directory_for_test.h"

namespace conntrail {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Runs `body` in a child process; true if it returned true.
template <typename Body>
bool InChild(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(EmbeddedLogLock, ASecondProcessIsRefusedAndToldOfTheFirst) {
  EmbeddedLogDirectory directory;
  auto log = directory.MustOpen();
  const std::string pid = std::to_string(::getpid());
  const auto refused = [&] {
    const auto second = EmbeddedLog::Open(directory.path());
    return second.status().code() == StatusCode::kFailedPrecondition &&
           second.status().message().find("process " + pid + ";") != std::string::npos;
  };
  EXPECT_TRUE(InChild(refused));
  EXPECT_TRUE(refused()) << "the same process, a second time";
  log.reset();
  EXPECT_TRUE(InChild([&] { return EmbeddedLog::Open(directory.path()).ok(); }));
}

TEST(EmbeddedLogLock, FilesAreForTheirOwnerOnly) {
  EmbeddedLogDirectory directory;
  auto log = directory.MustOpen();
  ASSERT_TRUE(AppendText(*log, "secret").ok());
  struct stat status {};
  ASSERT_EQ(::stat(directory.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
  }
}

// In the child: appends from four threads, and reports each acknowledged offset with its number.
struct Acknowledged {
  uint64_t offset;
  uint64_t number;
};
std::string TextOf(uint64_t number) {
  return std::to_string(number) + std::string(number * 37 % 900, 'x');
}
[[noreturn]] void AppendUntilKilled(const std::string& directory, int pipe_fd, uint64_t round) {
  EmbeddedLogOptions options;
  options.segment_bytes_max = 20'000;
  auto log = EmbeddedLog::Open(directory, options);
  if (!log.ok()) ::_exit(1);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0;; ++i) {
        const uint64_t number = round * 1'000'000 + t * 100'000 + i;
        const auto offset = AppendText(**log, TextOf(number));
        const Acknowledged line{offset.ok() ? offset->value : 0, number};
        if (!offset.ok() || ::write(pipe_fd, &line, sizeof(line)) != sizeof(line)) ::_exit(1);
      }
    });
  }
  for (;;) ::pause();
}

TEST(EmbeddedLogCrash, EveryAcknowledgedAppendOutlivesAKilledProcess) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  EmbeddedLogDirectory directory;
  std::vector<Acknowledged> acknowledged;
  for (uint64_t round = 0; round < 15; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) AppendUntilKilled(directory.path(), ends[1], round);
    ::close(ends[1]);
    Acknowledged line;
    for (uint64_t left = 1 + random() % 60; left > 0; --left) {
      ASSERT_EQ(::read(ends[0], &line, sizeof(line)), ssize_t{sizeof(line)});
      acknowledged.push_back(line);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 2'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child stopped by itself";
    while (::read(ends[0], &line, sizeof(line)) == sizeof(line)) acknowledged.push_back(line);
    ::close(ends[0]);

    auto log = directory.MustOpen();
    ASSERT_NE(log, nullptr);
    const auto texts = ReadTexts(*log);
    ASSERT_TRUE(texts.ok()) << texts.status().ToString();
    for (const Acknowledged& a : acknowledged) {
      ASSERT_LT(a.offset, texts->size());
      ASSERT_EQ((*texts)[a.offset], TextOf(a.number)) << "offset " << a.offset;
    }
  }
}

// Lets files of this process grow to `bytes` only, as long as it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(EmbeddedLogFullDisk, AnAppendThatDoesNotFitIsRefusedAndTheLogGoesOn) {
  EmbeddedLogDirectory directory;
  auto log = directory.MustOpen();
  std::vector<std::string> kept;
  const auto append = [&](size_t bytes) {
    const std::string text(bytes, static_cast<char>('a' + kept.size() % 26));
    const auto offset = AppendText(*log, text);
    if (offset.ok()) {
      EXPECT_EQ(*offset, Offset(kept.size()));
      kept.push_back(text);
    }
    return offset.status();
  };
  ASSERT_TRUE(append(1000).ok());
  log.reset();  // gives back the space taken ahead
  log = directory.MustOpen();
  {
    const FileSizeLimit limit(10'000);
    Status status;
    for (int i = 0; i < 50 && status.ok(); ++i) status = append(700);
    EXPECT_EQ(status.code(), StatusCode::kIo);
    EXPECT_THAT(status.message(), HasSubstr(directory.segment(0)));
    EXPECT_EQ(*ReadTexts(*log), kept) << "reads go on";
    EXPECT_EQ(append(5000).code(), StatusCode::kIo);
    EXPECT_TRUE(append(10).ok()) << "what fits is taken";
  }
  EXPECT_GT(kept.size(), 5u);
  EXPECT_TRUE(append(5000).ok()) << "there is space again";
  EXPECT_EQ(*ReadTexts(*log), kept);
  log.reset();
  log = directory.MustOpen();
  EXPECT_THAT(directory.messages, IsEmpty());
  EXPECT_EQ(*ReadTexts(*log), kept);
}

TEST(EmbeddedLogFullDisk, ANewSegmentThatDoesNotFitIsTriedAgain) {
  EmbeddedLogDirectory directory;
  auto log = directory.MustOpen({.segment_bytes_max = 1000});
  ASSERT_TRUE(AppendText(*log, std::string(1200, 'a')).ok());
  {
    const FileSizeLimit limit(10);
    EXPECT_EQ(AppendText(*log, "b").status().code(), StatusCode::kIo);
    EXPECT_EQ(AppendText(*log, "c").status().code(), StatusCode::kIo);
  }
  EXPECT_EQ(*AppendText(*log, "d"), Offset(1));
  log.reset();
  log = directory.MustOpen();
  EXPECT_EQ(*ReadTexts(*log), (std::vector<std::string>{std::string(1200, 'a'), "d"}));
}

TEST(EmbeddedLogSync, AfterAFailedSyncNothingIsAcknowledgedUntilTheLogIsOpenedAgain) {
  EmbeddedLogDirectory directory;
  std::atomic<bool> failing = false;
  EmbeddedLogOptions options;
  options.sync = [&](int) {
    errno = EIO;
    return failing ? -1 : 0;
  };
  auto log = directory.MustOpen(options);
  ASSERT_TRUE(AppendText(*log, "kept").ok());
  failing = true;
  EXPECT_EQ(AppendText(*log, "unknown").status().code(), StatusCode::kIo);
  failing = false;  // the next sync would tell a lie
  const auto refused = AppendText(*log, "refused");
  EXPECT_EQ(refused.status().code(), StatusCode::kIo);
  EXPECT_THAT(refused.status().message(), HasSubstr("opened again"));
  EXPECT_EQ(*log->End(PartitionId(0)), Offset(1));
  EXPECT_EQ(*ReadTexts(*log), std::vector<std::string>{"kept"});

  log.reset();
  log = directory.MustOpen(options);
  const auto texts = *ReadTexts(*log);
  ASSERT_GE(texts.size(), 1u);
  EXPECT_EQ(texts[0], "kept");
  if (texts.size() > 1) {
    EXPECT_EQ(texts[1], "unknown");
  }
  EXPECT_EQ(*AppendText(*log, "goes on"), Offset(texts.size()));
}

TEST(EmbeddedLogSync, AFailedSyncWhileASegmentIsMadeAcknowledgesNothing) {
  for (int nth = 1; nth <= 4; ++nth) {
    SCOPED_TRACE("the sync that fails: " + std::to_string(nth));
    EmbeddedLogDirectory directory;
    int syncs_left = 1000;
    EmbeddedLogOptions options;
    options.segment_bytes_max = 1000;
    options.sync = [&](int) {
      errno = EIO;
      return --syncs_left == 0 ? -1 : 0;
    };
    auto log = directory.MustOpen(options);
    std::vector<std::string> kept = {std::string(1200, 'a')};
    ASSERT_TRUE(AppendText(*log, kept[0]).ok());
    syncs_left = nth;
    EXPECT_FALSE(AppendText(*log, "not acknowledged").ok());
    EXPECT_EQ(*ReadTexts(*log), kept);
    if (AppendText(*log, "after").ok()) kept.push_back("after");
    EXPECT_EQ(*ReadTexts(*log), kept);
    log.reset();
    log = directory.MustOpen(options);
    ASSERT_NE(log, nullptr);
    const auto texts = *ReadTexts(*log);
    ASSERT_GE(texts.size(), kept.size());
    for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(texts[i], kept[i]);
  }
}

TEST(EmbeddedLogSync, ARecordIsNotReadableBeforeItIsDurable) {
  EmbeddedLogDirectory directory;
  EmbeddedLog* log_in_sync = nullptr;
  std::vector<uint64_t> ends;
  EmbeddedLogOptions options;
  options.sync = [&](int) {
    if (log_in_sync != nullptr) {
      ends.push_back(log_in_sync->End(PartitionId(0))->value);
      EXPECT_EQ(ReadTexts(*log_in_sync)->size(), ends.back());
    }
    return 0;
  };
  auto log = directory.MustOpen(options);
  log_in_sync = log.get();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendText(*log, "r").ok());
  EXPECT_EQ(ends, (std::vector<uint64_t>{0, 1, 2}));
}

TEST(EmbeddedLogSync, AppendersThatWaitTogetherShareASync) {
  constexpr uint64_t kAppenders = 16;
  constexpr uint64_t kEach = 50;
  EmbeddedLogDirectory directory;
  EmbeddedLogOptions options;
  options.sync = [](int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return 0;
  };
  auto log = directory.MustOpen(options);
  std::vector<std::thread> appenders;
  for (uint64_t a = 0; a < kAppenders; ++a) {
    appenders.emplace_back([&] {
      for (uint64_t i = 0; i < kEach; ++i) EXPECT_TRUE(AppendText(*log, "r").ok());
    });
  }
  for (std::thread& appender : appenders) appender.join();
  EXPECT_EQ(log->stats().records, kAppenders * kEach);
  // Two groups take turns, so 2 * kEach is what to expect; alone, each would take kAppenders more.
  EXPECT_LE(log->stats().syncs, 4 * kEach);
  EXPECT_GE(log->stats().syncs, kEach);
}

}  // namespace
}  // namespace conntrail
