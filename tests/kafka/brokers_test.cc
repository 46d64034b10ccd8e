// What can happen to the broker under a log.

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/load.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};

milliseconds Since(steady_clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

class KafkaBrokerTest : public testing::Test {
 protected:
  KafkaBrokerTest() {
    settings_.append_wait = seconds(3);
    settings_.request_wait = seconds(3);
    settings_.check_every = milliseconds(500);
    settings_.diagnostics = [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
    };
  }
  ~KafkaBrokerTest() override {
    KafkaLocal({"resume", "1"});  // a test that ended early may have left it so
  }

  // Waits until the log takes records again.
  static void AwaitService(KafkaLog& log) {
    const auto begin = steady_clock::now();
    while (!AppendText(log, "probe").ok()) {
      ASSERT_LT(Since(begin), seconds(40));
    }
  }
  bool WasTold(const std::string& text) {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard lock(mutex_);
        for (const std::string& message : messages_) {
          if (message.find(text) != std::string::npos) return true;
        }
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
    return false;
  }

  KafkaSettings settings_ = SettingsFor(NewTopicName());
  std::mutex mutex_;
  std::vector<std::string> messages_;
};

TEST_F(KafkaBrokerTest, ThatIsNotThereIsNamedWithinTheTime) {
  settings_.address.bootstrap = "127.0.0.1:1";
  const auto begin = steady_clock::now();
  const Status status = KafkaLog::Open(settings_).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("127.0.0.1:1"));
  EXPECT_LT(Since(begin), settings_.request_wait + seconds(2));
}

// SIGSTOP: connections stay open, and nothing answers.
TEST_F(KafkaBrokerTest, ThatHangsLeavesFatesUnknownAndTheLogGoesOnAfterwards) {
  MakeLog(settings_);
  const auto log = MustOpen(settings_);
  ASSERT_TRUE(AppendText(*log, "before").ok());
  ASSERT_EQ(ReadTexts(*log)->size(), 1u);
  ASSERT_TRUE(KafkaLocal({"pause", "1"}));

  const auto begin = steady_clock::now();
  const auto unknown = AppendText(*log, "unknown");
  EXPECT_EQ(unknown.status().code(), StatusCode::kUnavailable) << unknown.status().ToString();
  EXPECT_THAT(unknown.status().message(), HasSubstr("may or may not be in"));
  EXPECT_LT(Since(begin), settings_.append_wait + seconds(6));
  EXPECT_FALSE(log->WaitFor(kPartition, Offset(1), milliseconds(100))) << "nothing was halted";
  EXPECT_EQ(log->Read(kPartition, Offset(1), 100).status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(WasTold("no answer from Kafka at"));
  const auto asked = steady_clock::now();
  EXPECT_EQ(log->End(kPartition).status().code(), StatusCode::kUnavailable);
  EXPECT_LT(Since(asked), milliseconds(200)) << "whoever asks for figures is not kept";

  ASSERT_TRUE(KafkaLocal({"resume", "1"}));
  AwaitService(*log);
  EXPECT_TRUE(log->halted(kPartition).ok());
  const auto texts = ReadTexts(*log);
  ASSERT_TRUE(texts.ok()) << texts.status().ToString();
  EXPECT_EQ(texts->front(), "before");
  EXPECT_LE(std::count(texts->begin(), texts->end(), "unknown"), 1);
  EXPECT_TRUE(WasTold("Kafka answers again"));
  EXPECT_EQ(log->End(kPartition).status().ToString(), "ok");
}

TEST_F(KafkaBrokerTest, ThatIsKilledAndHungUnderLoadLosesNothingThatWasAcknowledged) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  MakeLog(settings_);
  Load load(settings_, 4);
  const auto reader = MustOpen(settings_);
  for (int harm = 0; harm < 6; ++harm) {
    ASSERT_TRUE(load.AwaitMore(200, seconds(40))) << "appends go on after harm " << harm;
    if (harm % 2 == 0) {
      ASSERT_TRUE(KafkaLocal({"kill", "1"}));
      ASSERT_TRUE(KafkaLocal({"restart", "1"}));
    } else {
      ASSERT_TRUE(KafkaLocal({"pause", "1"}));
      std::this_thread::sleep_for(milliseconds(500 + random() % 4000));
      ASSERT_TRUE(KafkaLocal({"resume", "1"}));
    }
  }
  AwaitService(*reader);
  load.Stop();
  const auto texts = ReadTexts(*reader);
  ASSERT_TRUE(texts.ok()) << texts.status().ToString();
  load.ExpectIn(*texts);
}

TEST_F(KafkaBrokerTest, ThatIsRestartedUnderAReaderGivesEachRecordOnce) {
  MakeLog(settings_);
  const auto log = MustOpen(settings_);
  const auto other = MustOpen(settings_);
  std::vector<std::string> seen;
  std::thread reader([&] {
    while (seen.size() < 300) {
      if (!other->WaitFor(kPartition, Offset(seen.size()), milliseconds(50))) continue;
      const auto batch = other->Read(kPartition, Offset(seen.size()), 1 << 20);
      if (batch.status().code() == StatusCode::kUnavailable) continue;
      ASSERT_TRUE(batch.ok()) << batch.status().ToString();
      for (const LogRecord& record : batch->records) seen.emplace_back(AsText(record.payload));
    }
  });
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(AppendText(*log, std::to_string(i)).ok());
    if (i % 100 == 50) {
      ASSERT_TRUE(KafkaLocal({"restart", "1"}));
      AwaitService(*log);
    }
  }
  reader.join();
  std::erase(seen, "probe");
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], std::to_string(i));
}

// The broker's disk as it was earlier: what a restored backup, or a leader that had less, looks
// like.
class KafkaTruncationTest : public KafkaBrokerTest {
 protected:
  void SetUp() override {
    MakeLog(settings_);
    log_ = MustOpen(settings_);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(AppendText(*log_, std::to_string(i)).ok());
    ASSERT_TRUE(KafkaLocal({"stop"}));
    fs::copy(data(), backup(), fs::copy_options::recursive);
    ASSERT_TRUE(KafkaLocal({"restart", "1"}));
    AwaitService(*log_);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(AppendText(*log_, "lost").ok());
    ASSERT_GE(ReadTexts(*log_)->size(), 21u);
  }
  void TearDown() override { fs::remove_all(backup()); }

  void Truncate() {
    ASSERT_TRUE(KafkaLocal({"stop"}));
    fs::remove_all(data());
    fs::copy(backup(), data(), fs::copy_options::recursive);
    ASSERT_TRUE(KafkaLocal({"restart", "1"}));
  }

  static fs::path data() { return fs::path(std::getenv("KAFKA_LOCAL_DIR")) / "node1" / "data"; }
  static fs::path backup() { return fs::path(std::getenv("KAFKA_LOCAL_DIR")) / "backup"; }
  std::unique_ptr<KafkaLog> log_;
};

TEST_F(KafkaTruncationTest, ALogThatIsShorterThanWhatWasReadHalts) {
  Truncate();
  EXPECT_TRUE(WasTold("halted: "));
  const Status halted = log_->halted(kPartition);
  EXPECT_EQ(halted.code(), StatusCode::kCorruption) << halted.ToString();
  EXPECT_THAT(halted.message(), HasSubstr("the log has lost its tail or was replaced"));
  EXPECT_THAT(halted.message(), HasSubstr("restore the topic, or salvage"));
  EXPECT_EQ(AppendText(*log_, "no more").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(log_->WaitFor(kPartition, Offset(100), milliseconds(0)));
}

TEST_F(KafkaTruncationTest, ALogThatHasGrownBeyondWhatWasReadAgainHaltsToo) {
  // The process sleeps while it happens: the checks find only what has become of it.
  settings_.check_every = milliseconds(0);
  log_ = MustOpen(settings_);
  ASSERT_TRUE(ReadTexts(*log_).ok());
  Truncate();
  {
    const auto other = MustOpen(settings_);
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(AppendText(*other, "refilled").ok());
  }
  Status checked = log_->CheckNow();
  for (int i = 0; i < 20 && checked.code() == StatusCode::kUnavailable; ++i) {
    checked = log_->CheckNow();
  }
  EXPECT_EQ(checked.code(), StatusCode::kCorruption) << checked.ToString();
  EXPECT_THAT(log_->halted(kPartition).message(), HasSubstr("is not what was read before"));
}

TEST_F(KafkaTruncationTest, AnAppendThatGetsAnOffsetTheLogHadAlreadyHalts) {
  settings_.check_every = milliseconds(0);
  log_ = MustOpen(settings_);
  const Offset end = *log_->End(kPartition);
  Truncate();
  Status status = AppendText(*log_, "in the wrong place").status();
  for (int i = 0; i < 20 && log_->halted(kPartition).ok(); ++i) {
    status = AppendText(*log_, "in the wrong place").status();
  }
  EXPECT_FALSE(status.ok()) << "it is not called durable where it stands";
  EXPECT_EQ(log_->halted(kPartition).code(), StatusCode::kCorruption);
  EXPECT_GT(end, Offset(10));
}

}  // namespace
}  // namespace conntrail
