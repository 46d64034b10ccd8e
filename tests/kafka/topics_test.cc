// What can happen to a topic while its brokers are well.

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/events/log/log_directory_for_test.h"
#include "tests/kafka/broker.h"
#include "tests/support/manual_clock.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr PartitionId kPartition{0};
constexpr size_t kBytes = 1 << 20;

// A topic of its own, and what the log says about it.
class KafkaTopicTest : public testing::Test {
 protected:
  KafkaTopicTest() {
    settings_.check_every = milliseconds(200);
    settings_.diagnostics = [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
    };
  }
  std::unique_ptr<KafkaLog> MakeAndOpen(size_t partitions = 1) {
    MakeLog(settings_, partitions);
    return MustOpen(settings_);
  }
  const std::string& topic() const { return settings_.address.topic; }

  // Whether `text` was told within `wait_max`.
  bool WasTold(const std::string& text, milliseconds wait_max = seconds(10)) {
    const auto deadline = std::chrono::steady_clock::now() + wait_max;
    do {
      {
        const std::lock_guard lock(mutex_);
        for (const std::string& message : messages_) {
          if (message.find(text) != std::string::npos) return true;
        }
      }
      std::this_thread::sleep_for(milliseconds(20));
    } while (std::chrono::steady_clock::now() < deadline);
    return false;
  }

  // That the log has halted for this reason: nobody waits, nothing is appended, all say why.
  void ExpectHalted(KafkaLog& log, const std::string& why) {
    ASSERT_TRUE(WasTold("halted: ")) << why;
    const Status halted = log.halted(kPartition);
    EXPECT_THAT(halted.message(), HasSubstr(why));
    EXPECT_THAT(halted.message(), Not(HasSubstr("\n"))) << "one line";
    EXPECT_TRUE(log.WaitFor(kPartition, Offset(1'000'000), milliseconds(0)));
    EXPECT_EQ(log.Read(kPartition, Offset(0), 1).status().message(), halted.message());
    EXPECT_EQ(log.End(kPartition).status().message(), halted.message());
    const Status appended = AppendText(log, "no more").status();
    EXPECT_EQ(appended.code(), StatusCode::kFailedPrecondition) << "it was not appended";
    EXPECT_EQ(appended.message(), halted.message());
  }

  KafkaSettings settings_ = SettingsFor(NewTopicName());
  std::mutex mutex_;
  std::vector<std::string> messages_;
};

TEST_F(KafkaTopicTest, ThatIsNotThereIsRefusedWithTheCommandThatMakesIt) {
  const Status refused = KafkaLog::Open(settings_).status();
  EXPECT_EQ(refused.code(), StatusCode::kNotFound);
  EXPECT_THAT(refused.message(), HasSubstr("conntrail kafka init --log kafka:"));
}

TEST_F(KafkaTopicTest, OfSomebodyElseIsRefused) {
  CreateTopicAsIs(topic(), 1, SettingsForLog(1));
  EXPECT_THAT(KafkaLog::Open(settings_).status().message(), HasSubstr("is no log of conntrail"));
  ProduceAsIs(topic(), {"an order for shoes"});
  EXPECT_EQ(KafkaLog::Open(settings_).status().code(), StatusCode::kFailedPrecondition);
  const Status init = InitKafkaLog(settings_, {}).status();
  EXPECT_EQ(init.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(init.message(), HasSubstr("records that are not of a log"));
}

TEST_F(KafkaTopicTest, WithWeakSettingsIsRefusedUnlessEachIsAccepted) {
  MakeLog(settings_);
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"retention.ms", "86400000", "retention"},
      {"retention.bytes", "1000000", "retention"},
      {"cleanup.policy", "compact", "compaction"},
      {"unclean.leader.election.enable", "true", "unclean-election"},
      {"message.timestamp.type", "CreateTime", "append-time"}};
  for (const auto& [setting, value, finding] : cases) {
    AlterTopic(topic(), {{setting, value}});
    const Status refused = KafkaLog::Open(settings_).status();
    EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition) << setting;
    EXPECT_THAT(refused.message(), HasSubstr(finding + ": " + setting));
    KafkaSettings accepting = settings_;
    accepting.accepted.insert(finding);
    EXPECT_TRUE(KafkaLog::Open(accepting).ok()) << setting;
  }
  AlterTopic(topic(), {});
  EXPECT_TRUE(KafkaLog::Open(settings_).ok());
  settings_.accepted.clear();
  EXPECT_THAT(KafkaLog::Open(settings_).status().message(), HasSubstr("replication: "));
}

TEST_F(KafkaTopicTest, IsMadeOnceHoweverOftenThatIsAsked) {
  const auto first = InitKafkaLog(settings_, {.partitions = 2});
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_TRUE(first->was_made);
  const auto second = InitKafkaLog(settings_, {.partitions = 2});
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_FALSE(second->was_made);
  EXPECT_EQ(second->log_id, first->log_id);
  EXPECT_EQ(second->topic->partitions[1].end, 1) << "one origin";
}

TEST_F(KafkaTopicTest, OfAnotherShapeIsNotTakenForTheOneAskedFor) {
  MakeLog(settings_);
  AlterTopic(topic(), {{"retention.ms", "1000"}});
  const Status refused = InitKafkaLog(settings_, {.partitions = 3}).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("partitions: 1, not 3"));
  EXPECT_THAT(refused.message(), HasSubstr("retention.ms: 1000, not -1"));
}

TEST_F(KafkaTopicTest, MadeByTwoAtOnceHasOneLogId) {
  std::vector<Result<KafkaReport>> made(4, Status::Unavailable(""));
  std::vector<std::thread> makers;
  for (auto& one : made) {
    makers.emplace_back([&] { one = InitKafkaLog(settings_, {.partitions = 2}); });
  }
  for (std::thread& maker : makers) maker.join();
  // Who came in between may be told to repeat it.
  const Uuid id = MakeLog(settings_, 2);
  for (const auto& one : made) {
    if (one.ok()) {
      EXPECT_EQ(one->log_id, id);
    }
  }
  EXPECT_EQ(MustOpen(settings_)->log_id(), id);
}

TEST_F(KafkaTopicTest, ThatIsDeletedHaltsTheLog) {
  const auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "a").ok());
  ASSERT_TRUE(ReadTexts(*log).ok());
  DeleteTopic(topic());
  ExpectHalted(*log, "is no more at");
}

TEST_F(KafkaTopicTest, ThatIsDeletedAndMadeAgainHaltsTheLog) {
  const auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "a").ok());
  ASSERT_TRUE(ReadTexts(*log).ok());
  settings_.check_every = milliseconds(0);
  DeleteTopic(topic());
  MakeLog(settings_);
  ExpectHalted(*log, "deleted");
  EXPECT_NE(MustOpen(settings_)->log_id(), log->log_id());
}

TEST_F(KafkaTopicTest, ThatIsMadeAgainAndFilledBeyondTheOldEndHaltsTheLog) {
  settings_.check_every = milliseconds(0);  // the log looks only when it is told to
  const auto log = MakeAndOpen();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(AppendText(*log, "old").ok());
  ASSERT_EQ(ReadTexts(*log)->size(), 5u);
  DeleteTopic(topic());
  MakeLog(settings_);
  ProduceAsIs(topic(), std::vector<std::string>(20, "new"));
  const Status checked = log->CheckNow();
  EXPECT_EQ(checked.code(), StatusCode::kFailedPrecondition) << checked.ToString();
  ExpectHalted(*log, "is no more the log " + log->log_id().ToString());
}

TEST_F(KafkaTopicTest, WhereRetentionOrCompactionIsSwitchedOnGoesOnAndSaysSo) {
  const auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "a").ok());
  AlterTopic(topic(), {{"retention.ms", "86400000"}});
  EXPECT_TRUE(WasTold("is no more safe as a log: retention: retention.ms is \"86400000\""));
  AlterTopic(topic(), {{"cleanup.policy", "compact"}});
  EXPECT_TRUE(WasTold("compaction: cleanup.policy is \"compact\""));
  EXPECT_TRUE(AppendText(*log, "b").ok());
  EXPECT_EQ(*ReadTexts(*log), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(log->CheckNow().ToString(), "ok");
  ASSERT_GE(log->findings().size(), 1u);
  EXPECT_EQ(log->findings()[0].name, "compaction");
}

TEST_F(KafkaTopicTest, WhoseOldRecordsAreDeletedServesThoseThatAreLeft) {
  const auto log = MakeAndOpen();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(AppendText(*log, std::to_string(i)).ok());
  DeleteRecordsBefore(topic(), 5);  // record 4 is the first that is left
  EXPECT_TRUE(WasTold("deleted-records: partition 0 begins at offset 5"));

  const Status gone = log->Read(kPartition, Offset(0), kBytes).status();
  EXPECT_EQ(gone.code(), StatusCode::kCorruption);
  EXPECT_THAT(gone.message(), HasSubstr("the records before 4"));
  EXPECT_THAT(gone.message(), HasSubstr("switch retention off"));
  const auto left = log->Read(kPartition, Offset(4), kBytes);
  ASSERT_TRUE(left.ok()) << left.status().ToString();
  EXPECT_EQ(AsText(left->records.front().payload), "4");
  EXPECT_EQ(*AppendText(*log, "more"), Offset(10));
  EXPECT_TRUE(log->halted(kPartition).ok());

  const Status refused = KafkaLog::Open(settings_).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("deleted-records"));
}

// A transaction's marker takes an offset of its own, and is no record.
TEST_F(KafkaTopicTest, ThatHasAGapIsReadUpToItAndHalts) {
  const auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "ours").ok());
  ProduceInTransaction(topic(), {"theirs"});  // Kafka offset 2, and the marker 3
  ProduceAsIs(topic(), {"behind the gap"});
  Offset at(0);
  Status status;
  while (status.ok() && at < Offset(5)) {
    const auto batch = log->Read(kPartition, at, kBytes);
    status = batch.status();
    if (batch.ok()) at.value += batch->records.size();
  }
  EXPECT_EQ(at, Offset(2)) << "all that is before the gap, and nothing of what is behind it";
  EXPECT_EQ(status.code(), StatusCode::kCorruption);
  EXPECT_THAT(status.message(), HasSubstr("record 2 was to follow, and Kafka offset 4 came"));
  ExpectHalted(*log, "has a gap");
}

TEST_F(KafkaTopicTest, ThatEndsWithAGapHaltsWhoeverWaitsThere) {
  const auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "ours").ok());
  ProduceInTransaction(topic(), {"theirs"});
  for (Offset at(0); at < Offset(2); at = at.Next()) {
    ASSERT_TRUE(log->Read(kPartition, at, 1).ok());
  }
  EXPECT_TRUE(log->WaitFor(kPartition, Offset(2), seconds(5)));
  const Status status = log->Read(kPartition, Offset(2), kBytes).status();
  EXPECT_EQ(status.code(), StatusCode::kCorruption) << status.ToString();
  ExpectHalted(*log, "has a gap");
}

TEST_F(KafkaTopicTest, ThatGetsMorePartitionsMovesNothing) {
  auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "a").ok());
  RaisePartitions(topic(), 3);
  EXPECT_TRUE(WasTold("has 3 partitions, of which 1 are of this log: no org moves"));
  EXPECT_EQ(*AppendText(*log, "b"), Offset(1));
  EXPECT_EQ(log->partition_count(), 1);
  EXPECT_TRUE(log->halted(kPartition).ok());

  const Uuid id = log->log_id();
  log = MustOpen(settings_);
  EXPECT_EQ(log->partition_count(), 1) << "the new ones hold nothing of this log yet";
  EXPECT_EQ(MakeLog(settings_, 3), id);
  log = MustOpen(settings_);
  EXPECT_EQ(log->partition_count(), 3);
  EXPECT_EQ(*ReadTexts(*log), (std::vector<std::string>{"a", "b"}));
}

TEST_F(KafkaTopicTest, TakesRecordsOfOtherProducersAsTheyAre) {
  const auto log = MakeAndOpen();
  const OrgId org{{7, 8}};
  ProduceAsIs(topic(), {"", std::string(700'000, 'x')});
  ProduceAsIs(topic(), {"text key"}, org.ToString());
  ProduceAsIs(topic(), {"odd key"}, "acme");
  std::vector<std::pair<OrgId, size_t>> seen;
  for (Offset at(0); at < Offset(4);) {
    const auto batch = log->Read(kPartition, at, kBytes);
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    for (const LogRecord& record : batch->records) {
      seen.emplace_back(record.key, record.payload.size());
      at = record.offset.Next();
    }
  }
  EXPECT_EQ(seen, (std::vector<std::pair<OrgId, size_t>>{
                      {OrgId{}, 0}, {OrgId{}, 700'000}, {org, 8}, {OrgId{}, 7}}));
}

TEST_F(KafkaTopicTest, RecordsOfOneAppendAllStayTogetherAmongGatewaysToo) {
  MakeLog(settings_);
  std::vector<std::unique_ptr<KafkaLog>> logs;
  for (int g = 0; g < 3; ++g) logs.push_back(MustOpen(settings_));
  std::vector<std::thread> gateways;
  for (int g = 0; g < 3; ++g) {
    gateways.emplace_back([&, g] {
      const std::string text = std::to_string(g);
      const std::vector<ByteSpan> together(5, AsBytes(text));
      const std::vector<NewRecord> each(7, NewRecord{OrgId{{1, 1}}, AsBytes(text)});
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(logs[g]->AppendAll(kPartition, OrgId{}, together).ok());
        for (const auto& one : logs[g]->AppendEach(kPartition, each)) EXPECT_TRUE(one.ok());
      }
    });
  }
  for (std::thread& gateway : gateways) gateway.join();

  std::vector<std::pair<bool, std::string>> seen;
  while (seen.size() < 3 * 20 * 12) {
    const auto batch = logs[0]->Read(kPartition, Offset(seen.size()), kBytes);
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    ASSERT_FALSE(batch->records.empty());
    for (const LogRecord& record : batch->records) {
      seen.emplace_back(record.key == OrgId{}, std::string(AsText(record.payload)));
    }
  }
  EXPECT_EQ(logs[1]->End(kPartition)->value, seen.size()) << "each record once";
  for (size_t i = 0; i < seen.size();) {
    if (!seen[i].first) {
      ++i;
      continue;
    }
    for (size_t k = 0; k < 5; ++k) EXPECT_EQ(seen[i + k], seen[i]) << "record " << i + k;
    i += 5;
  }
}

TEST_F(KafkaTopicTest, AProducerThatHasBecomeUselessIsReplaced) {
  const auto log = MakeAndOpen();
  for (int i = 0; i < 5; ++i) {
    log->BreakProducerForTest();
    const auto one = AppendText(*log, "one");
    if (!one.ok()) {
      EXPECT_EQ(one.status().code(), StatusCode::kIo) << one.status().ToString();
    }
    EXPECT_TRUE(AppendText(*log, "two").ok());
    const std::string text = "three";
    EXPECT_TRUE(log->AppendAll(kPartition, OrgId{}, {AsBytes(text), AsBytes(text)}).ok());
  }
  EXPECT_TRUE(WasTold("the Kafka producer is replaced"));
}

TEST_F(KafkaTopicTest, AppendsUnderWayWhenTheProducerBreaksAreInTheLogIfTheyAreSaidToBe) {
  const auto log = MakeAndOpen();
  std::atomic<bool> stop{false};
  std::vector<std::string> texts;
  std::map<std::string, Offset> acknowledged;
  std::vector<std::string> refused;
  std::thread breaker([&] {
    while (!stop) {
      log->BreakProducerForTest();
      std::this_thread::sleep_for(milliseconds(400));
    }
  });
  for (int round = 0; round < 60; ++round) {
    std::vector<NewRecord> records;
    texts.clear();
    for (int i = 0; i < 50; ++i) texts.push_back(std::to_string(round) + ":" + std::to_string(i));
    for (const std::string& text : texts) records.push_back({OrgId{}, AsBytes(text)});
    const auto appended = log->AppendEach(kPartition, records);
    for (size_t i = 0; i < appended.size(); ++i) {
      if (appended[i].ok()) {
        acknowledged[texts[i]] = *appended[i];
      } else if (appended[i].status().code() != StatusCode::kUnavailable) {
        refused.push_back(texts[i]);
      }
    }
  }
  stop = true;
  breaker.join();
  const auto all = ReadTexts(*log);
  ASSERT_TRUE(all.ok()) << all.status().ToString();
  for (const auto& [text, offset] : acknowledged) {
    EXPECT_EQ(all->at(offset.value), text);
    EXPECT_EQ(std::count(all->begin(), all->end(), text), 1);
  }
  for (const std::string& text : refused) {
    EXPECT_EQ(std::count(all->begin(), all->end(), text), 0) << "said not to be sent";
  }
  EXPECT_GT(acknowledged.size(), 100u);
}

TEST_F(KafkaTopicTest, WithABrokerOfAnotherTimeNothingIsAppendedUntilTheClocksAgree) {
  ManualClock clock(Clock::System().Now() - 10 * 60'000);
  settings_.clock = &clock;
  const auto log = MakeAndOpen();
  ASSERT_TRUE(AppendText(*log, "shows it").ok());
  const Status refused = AppendText(*log, "too early").status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.message(), HasSubstr("differ by"));
  clock.Set(Clock::System().Now());
  std::this_thread::sleep_for(settings_.check_every);
  EXPECT_TRUE(AppendText(*log, "tries it").ok());
  EXPECT_TRUE(AppendText(*log, "goes on").ok());
  EXPECT_EQ(ReadTexts(*log)->size(), 3u);
}

}  // namespace
}  // namespace conntrail
