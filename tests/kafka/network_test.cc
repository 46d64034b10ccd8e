// A network between the log and its broker that fails in each way there is.

#include <algorithm>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/forwarder.h"
#include "tests/kafka/load.h"
#include "tests/support/process.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};

class KafkaNetworkTest : public testing::Test {
 protected:
  KafkaNetworkTest() {
    const ProcessEnd end = RunProcess({std::getenv("KAFKA_LOCAL"), "bootstrap", "forwarded"});
    const std::string bootstrap = end.out.substr(0, end.out.find('\n'));
    const auto port = static_cast<uint16_t>(std::stoi(bootstrap.substr(bootstrap.find(':') + 1)));
    cable_ = std::make_unique<Forwarder>(port, port - 1);
    settings_.address.bootstrap = bootstrap;
    settings_.append_wait = seconds(3);
    settings_.request_wait = seconds(3);
    settings_.check_every = milliseconds(500);
    settings_.diagnostics = [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      told_.push_back(message);
    };
    KafkaSettings direct = settings_;
    direct.address.bootstrap = KafkaBootstrap();
    MakeLog(direct);
    direct_ = MustOpen(direct);
    log_ = MustOpen(settings_);
  }

  bool WasTold(const std::string& text) {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard lock(mutex_);
        for (const std::string& message : told_) {
          if (message.find(text) != std::string::npos) return true;
        }
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
    return false;
  }

  // That the log serves again, has not halted, and has `text` as often as `direct_` sees it.
  void ExpectWholeAgain() {
    const auto begin = steady_clock::now();
    while (!AppendText(*log_, "probe").ok()) {
      ASSERT_LT(steady_clock::now() - begin, seconds(30));
    }
    EXPECT_TRUE(log_->halted(kPartition).ok()) << log_->halted(kPartition).ToString();
    const auto seen = ReadTexts(*log_);
    ASSERT_TRUE(seen.ok()) << seen.status().ToString();
    EXPECT_EQ(*seen, *ReadTexts(*direct_));
    EXPECT_TRUE(WasTold("Kafka answers again"));
  }

  KafkaSettings settings_ = SettingsFor(NewTopicName());
  std::unique_ptr<Forwarder> cable_;
  std::unique_ptr<KafkaLog> direct_;  // past the cable
  std::unique_ptr<KafkaLog> log_;
  std::mutex mutex_;
  std::vector<std::string> told_;
};

TEST_F(KafkaNetworkTest, ThatIsClosedTurnsAppendsAwayAndTheLogGoesOnAfterwards) {
  ASSERT_TRUE(AppendText(*log_, "before").ok());
  ASSERT_EQ(ReadTexts(*log_)->size(), 1u);
  cable_->Set(Forwarder::State::kClosed);
  EXPECT_TRUE(WasTold("no answer from Kafka at " + settings_.address.bootstrap));
  const auto begin = steady_clock::now();
  const Status refused = AppendText(*log_, "never sent").status();
  EXPECT_EQ(refused.code(), StatusCode::kIo) << "certainly not in the log: " << refused.ToString();
  EXPECT_LT(steady_clock::now() - begin, settings_.append_wait + seconds(6));
  EXPECT_EQ(log_->End(kPartition).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(log_->Read(kPartition, Offset(1), 1).status().code(), StatusCode::kUnavailable);
  ASSERT_TRUE(AppendText(*direct_, "meanwhile").ok());

  cable_->Set(Forwarder::State::kWhole);
  ExpectWholeAgain();
  const auto texts = *ReadTexts(*direct_);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "never sent"), 0);
}

TEST_F(KafkaNetworkTest, ThatSwallowsEverythingLeavesFatesUnknown) {
  ASSERT_TRUE(AppendText(*log_, "before").ok());
  cable_->Set(Forwarder::State::kSilent);
  const auto begin = steady_clock::now();
  const Status unknown = AppendText(*log_, "swallowed").status();
  EXPECT_EQ(unknown.code(), StatusCode::kUnavailable);
  EXPECT_THAT(unknown.message(), HasSubstr("may or may not be in"));
  EXPECT_LT(steady_clock::now() - begin, settings_.append_wait + seconds(6));
  EXPECT_FALSE(log_->WaitFor(kPartition, Offset(1), milliseconds(100))) << "nothing was halted";

  cable_->Set(Forwarder::State::kWhole);
  ExpectWholeAgain();
  const auto texts = *ReadTexts(*direct_);
  EXPECT_LE(std::count(texts.begin(), texts.end(), "swallowed"), 1);
}

// The worst: the broker has the record, and nobody hears of it.
TEST_F(KafkaNetworkTest, ThatLosesAnswersMakesNoSecondCopyAndCallsNothingFailed) {
  ASSERT_TRUE(AppendText(*log_, "before").ok());
  cable_->Set(Forwarder::State::kAnswersLost);
  const Status unknown = AppendText(*log_, "arrived").status();
  EXPECT_EQ(unknown.code(), StatusCode::kUnavailable) << unknown.ToString();
  const auto arrived = ReadTexts(*direct_);
  ASSERT_TRUE(arrived.ok());
  EXPECT_EQ(*arrived, (std::vector<std::string>{"before", "arrived"}));

  cable_->Set(Forwarder::State::kWhole);
  ExpectWholeAgain();
  const auto texts = *ReadTexts(*direct_);
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "arrived"), 1);
}

// Answers come back before the append's time is over: it is durable, once.
TEST_F(KafkaNetworkTest, ThatLosesAnswersForAMomentOnlyDelays) {
  ASSERT_TRUE(AppendText(*log_, "before").ok());
  cable_->Set(Forwarder::State::kAnswersLost);
  std::thread healer([&] {
    std::this_thread::sleep_for(milliseconds(700));
    cable_->Set(Forwarder::State::kWhole);
  });
  const auto appended = AppendText(*log_, "late");
  healer.join();
  ASSERT_TRUE(appended.ok()) << appended.status().ToString();
  EXPECT_EQ(*appended, Offset(1));
  EXPECT_EQ(*ReadTexts(*direct_), (std::vector<std::string>{"before", "late"}));
}

TEST_F(KafkaNetworkTest, ThatFailsInAllWaysUnderLoadLosesAndDoublesNothingAcknowledged) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  Load load(settings_, 4);
  constexpr std::array kHarms = {Forwarder::State::kClosed, Forwarder::State::kSilent,
                                 Forwarder::State::kAnswersLost, Forwarder::State::kWhole};
  for (size_t i = 0; i < 12; ++i) {
    ASSERT_TRUE(load.AwaitMore(100, seconds(40))) << "appends go on after harm " << i;
    cable_->Set(kHarms.at(i % kHarms.size()));
    cable_->ResetAll();
    std::this_thread::sleep_for(milliseconds(random() % 4000));
    cable_->Set(Forwarder::State::kWhole);
  }
  ASSERT_TRUE(load.AwaitMore(100, seconds(40)));
  load.Stop();
  ExpectWholeAgain();
  load.ExpectIn(*ReadTexts(*direct_));
}

}  // namespace
}  // namespace conntrail
