// Three brokers: what they survive together, and what they must not be allowed to hide.

#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"
#include "tests/kafka/load.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr PartitionId kPartition{0};

class KafkaClusterTest : public testing::Test {
 protected:
  KafkaClusterTest() {
    settings_.accepted.clear();
    settings_.check_every = milliseconds(500);
  }
  ~KafkaClusterTest() override { KafkaLocal({"start"}); }  // whichever node is down

  static Status AppendAtLast(KafkaLog& log, const std::string& text) {
    Status status;
    for (int i = 0; i < 60; ++i) {
      status = AppendText(log, text).status();
      if (status.ok() || status.code() == StatusCode::kFailedPrecondition) return status;
      std::this_thread::sleep_for(milliseconds(200));
    }
    return status;
  }

  KafkaSettings settings_ = SettingsFor(NewTopicName());
};

TEST_F(KafkaClusterTest, ATopicOfThreeReplicasNeedsNothingAccepted) {
  const auto made = InitKafkaLog(settings_, {});
  ASSERT_TRUE(made.ok()) << made.status().ToString();
  EXPECT_THAT(made->findings, testing::IsEmpty());
  EXPECT_EQ(made->topic->partitions[0].replicas, 3u);
  const auto log = MustOpen(settings_);
  EXPECT_TRUE(AppendText(*log, "a").ok());

  std::map<std::string, std::string> weak = SettingsForLog(3);
  weak["min.insync.replicas"] = "1";
  AlterTopic(settings_.address.topic, weak);
  EXPECT_THAT(KafkaLog::Open(settings_).status().message(), HasSubstr("in-sync: "));
}

TEST_F(KafkaClusterTest, OneBrokerAfterTheOtherMayDieUnderLoad) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  MakeLog(settings_);
  Load load(settings_, 4);
  const auto reader = MustOpen(settings_);
  for (int harm = 0; harm < 6; ++harm) {
    ASSERT_TRUE(load.AwaitMore(200, seconds(40))) << "appends go on after harm " << harm;
    const std::string node = std::to_string(random() % 3 + 1);
    if (random() % 2 == 0) {
      ASSERT_TRUE(KafkaLocal({"kill", node}));
      std::this_thread::sleep_for(milliseconds(random() % 3000));
      ASSERT_TRUE(KafkaLocal({"restart", node}));
    } else {
      ASSERT_TRUE(KafkaLocal({"pause", node}));
      std::this_thread::sleep_for(
          milliseconds(1000 + random() % 8000));  // the session ends after 4 s
      ASSERT_TRUE(KafkaLocal({"resume", node}));
    }
  }
  EXPECT_TRUE(load.AwaitMore(200, seconds(40)));
  load.Stop();
  Result<std::vector<std::string>> texts = ReadTexts(*reader);
  for (int i = 0; i < 10 && texts.status().code() == StatusCode::kUnavailable; ++i) {
    texts = ReadTexts(*reader);
  }
  ASSERT_TRUE(texts.ok()) << texts.status().ToString();
  load.ExpectIn(*texts);
}

// Two replicas, the follower is down while the leader takes records, and then becomes leader
// itself: what a topic does that allows unclean elections.
TEST_F(KafkaClusterTest, AnUncleanElectionThatCutsRecordsOffHaltsTheLog) {
  settings_.accepted = {"all"};
  CreateTopicOn(settings_.address.topic, {1, 3},
                {{"unclean.leader.election.enable", "true"},
                 {"min.insync.replicas", "1"},
                 {"message.timestamp.type", "LogAppendTime"},
                 {"retention.ms", "-1"}});
  ProduceAsIs(settings_.address.topic,
              {OriginText(*Uuid::Parse("01a20a24-566f-7eab-853d-d897cbda6150"), kPartition)});
  const auto log = MustOpen(settings_);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(AppendText(*log, "kept").ok());
  ASSERT_TRUE(KafkaLocal({"kill", "3"}));
  for (int i = 0; i < 5; ++i) {
    const Status status = AppendAtLast(*log, "cut off");
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  ASSERT_GE(ReadTexts(*log)->size(), 10u);
  ASSERT_TRUE(KafkaLocal({"kill", "1"}));
  ASSERT_TRUE(KafkaLocal({"restart", "3"}));

  Status halted;
  for (int i = 0; i < 400 && halted.ok(); ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    halted = log->halted(kPartition);
  }
  EXPECT_EQ(halted.code(), StatusCode::kCorruption) << halted.ToString();
  EXPECT_THAT(halted.message(), HasSubstr("lost its tail"));
  EXPECT_EQ(AppendText(*log, "late").status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace conntrail
