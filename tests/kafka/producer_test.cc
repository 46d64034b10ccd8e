// An outbox whose log is a topic.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "events/log/kafka/kafka_client.h"
#include "events/log/kafka/kafka_headers.h"
#include "events/producer/kafka_target.h"
#include "tests/events/producer/outbox_for_test.h"
#include "tests/kafka/broker.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

class KafkaOutboxTest : public testing::Test {
 protected:
  KafkaOutboxTest() {
    settings_.append_wait = seconds(3);
    settings_.request_wait = seconds(3);
    settings_.check_every = milliseconds(500);
    MakeLog(settings_);
    OpenAcme(*MustOpen(settings_));
  }
  ~KafkaOutboxTest() override { KafkaLocal({"resume", "1"}); }

  std::unique_ptr<Outbox> OpenOutbox() {
    return conntrail::MustOpen(directory_.path(), KafkaTarget(settings_));
  }
  static Event Used(size_t count) { return Observation(Using("pager", {}, count)); }

  // That numbers 1 to `last` were applied once each, in this order.
  Tally ExpectOnceInOrder(size_t last) {
    Tally tally = TallyOf(*MustOpen(settings_));
    EXPECT_EQ(tally.order.size(), last);
    for (size_t i = 0; i < tally.order.size(); ++i) {
      EXPECT_EQ(tally.order[i], i + 1) << "in order";
    }
    EXPECT_EQ(tally.applied.size(), last);
    EXPECT_EQ(tally.others, 0u);
    return tally;
  }

  KafkaSettings settings_ = SettingsFor(NewTopicName());
  OutboxDirectory directory_;
};

TEST_F(KafkaOutboxTest, SendsWhatWasRecordedOnceAndInOrder) {
  const auto outbox = OpenOutbox();
  for (size_t i = 1; i <= 500; ++i) ASSERT_TRUE(outbox->Record(Used(i)).ok());
  ASSERT_TRUE(outbox->Flush(seconds(30))) << outbox->stats().last_error;
  EXPECT_EQ(outbox->Close(seconds(1)), 0u);
  EXPECT_EQ(ExpectOnceInOrder(500).duplicates, 0u);
}

TEST_F(KafkaOutboxTest, ABrokerThatHangsAndDiesLosesDoublesAndReordersNothing) {
  auto outbox = OpenOutbox();
  std::atomic<bool> stop{false};
  std::atomic<size_t> recorded{0};
  std::thread recorder([&] {
    while (!stop) {
      ASSERT_TRUE(outbox->Record(Used(1)).ok()) << "nobody waits for the broker";
      ++recorded;
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  ASSERT_TRUE(Await([&] { return outbox->stats().sent > 100; }));
  ASSERT_TRUE(KafkaLocal({"pause", "1"}));
  const size_t before = recorded;
  ASSERT_TRUE(Await([&] { return !outbox->stats().last_error.empty(); }));
  EXPECT_GT(recorded, before + 500);
  EXPECT_GT(outbox->stats().waiting, 500u);
  ASSERT_TRUE(KafkaLocal({"resume", "1"}));
  ASSERT_TRUE(KafkaLocal({"kill", "1"}));
  ASSERT_TRUE(KafkaLocal({"restart", "1"}));
  std::this_thread::sleep_for(seconds(2));
  stop = true;
  recorder.join();
  ASSERT_TRUE(outbox->Flush(seconds(60))) << outbox->stats().last_error;
  const OutboxStats stats = outbox->stats();
  EXPECT_EQ(stats.recorded, recorded);
  EXPECT_EQ(stats.last_error, "");
  outbox = nullptr;
  const Tally tally = ExpectOnceInOrder(recorded);
  fmt::print("{} events, {} handed over again, {} duplicates recognised\n", recorded.load(),
             stats.sent_again, tally.duplicates);
}

TEST_F(KafkaOutboxTest, OpensAndRecordsWhileThereIsNoBroker) {
  ASSERT_TRUE(KafkaLocal({"kill", "1"}));
  auto outbox = OpenOutbox();
  EXPECT_TRUE(outbox->Record(Used(1)).ok());
  EXPECT_TRUE(Await([&] { return !outbox->stats().last_error.empty(); }));
  EXPECT_FALSE(outbox->stats().is_connected);
  ASSERT_TRUE(KafkaLocal({"restart", "1"}));
  ASSERT_TRUE(outbox->Flush(seconds(60))) << outbox->stats().last_error;
  outbox = nullptr;
  ExpectOnceInOrder(1);
}

TEST_F(KafkaOutboxTest, SendsNothingToATopicThatWasMadeAnew) {
  auto outbox = OpenOutbox();
  ASSERT_TRUE(outbox->Record(Used(1)).ok());
  ASSERT_TRUE(outbox->Flush(seconds(30)));
  EXPECT_EQ(outbox->Close(seconds(1)), 0u);
  outbox = nullptr;
  DeleteTopic(settings_.address.topic);
  MakeLog(settings_);
  outbox = OpenOutbox();
  ASSERT_TRUE(outbox->Record(Used(2)).ok());
  EXPECT_TRUE(Await([&] {
    return outbox->stats().last_error.find("this outbox sends to the log") != std::string::npos;
  })) << outbox->stats().last_error;
  outbox = nullptr;
  EXPECT_EQ(MustOpen(settings_)->End(PartitionId(0)).value(), Offset(0));
}

// The headers of the record at `kafka_offset`, as an ordinary consumer gets them.
std::vector<std::pair<std::string, std::string>> HeadersAt(const KafkaSettings& settings,
                                                           int64_t kafka_offset) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto client = KafkaClient::Make(RD_KAFKA_CONSUMER, settings, {}).value();
  const KafkaTopicHandle topic(
      rd_kafka_topic_new(client->get(), settings.address.topic.c_str(), nullptr));
  EXPECT_EQ(rd_kafka_consume_start(topic.get(), 0, kafka_offset), 0);
  const KafkaMessage message(rd_kafka_consume(topic.get(), 0, 10'000));
  rd_kafka_headers_t* headers = nullptr;
  if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_message_headers(message.get(), &headers);
  } else {
    ADD_FAILURE() << "no record at " << kafka_offset;
  }
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0;
       headers != nullptr &&
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    found.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  rd_kafka_consume_stop(topic.get(), 0);
  return found;
}

TEST_F(KafkaOutboxTest, RecordsHaveHeadersIfTheyAreAskedForAndTheLogReadsThemAlike) {
  const Event event = Used(1);
  const auto without = MustOpen(settings_);
  ASSERT_EQ(without->Append(PartitionId(0), Acme(), EncodeEvent(event)).value(), Offset(2));
  settings_.writes_headers = true;
  const auto log = MustOpen(settings_);
  ASSERT_EQ(log->Append(PartitionId(0), Acme(), EncodeEvent(event)).value(), Offset(3));
  ASSERT_EQ(log->Append(PartitionId(0), Acme(), AsBytes("no event")).value(), Offset(4));

  EXPECT_THAT(HeadersAt(settings_, 3), IsEmpty());
  std::vector<std::pair<std::string, std::string>> expected;
  for (const KafkaHeader& header : HeadersOf(event))
    expected.emplace_back(header.name, header.value);
  EXPECT_EQ(HeadersAt(settings_, 4), expected);
  EXPECT_THAT(HeadersAt(settings_, 5), IsEmpty());

  const ReadBatch read = log->Read(PartitionId(0), Offset(2), 1 << 20).value();
  ASSERT_EQ(read.records.size(), 3u);
  EXPECT_EQ(ToBytes(read.records[0].payload), ToBytes(read.records[1].payload));
  EXPECT_EQ(AsText(read.records[2].payload), "no event");
}

}  // namespace
}  // namespace conntrail
