#include "events/log/kafka/kafka_cursor.h"

#include <array>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

constexpr size_t kMessagesAtOnce = 2000;

ByteSpan PayloadOf(const rd_kafka_message_t& message) {
  return {static_cast<const std::byte*>(message.payload), message.len};
}

}  // namespace

Result<std::unique_ptr<KafkaCursor>> KafkaCursor::Open(const KafkaSettings& settings,
                                                       PartitionId partition, Offset from) {
  std::unique_ptr<KafkaCursor> cursor(new KafkaCursor(partition, from));
  CONNTRAIL_RETURN_IF_ERROR(cursor->Start(settings));
  return cursor;
}

// One partition from one offset, without a group: no other member, no rebalance, no coordinator,
// and nothing committed. The offset is the store's to know.
Status KafkaCursor::Start(const KafkaSettings& settings) {
  topic_name_ = settings.address.topic;
  expected_ = ToKafka(next_);
  CONNTRAIL_ASSIGN_OR_RETURN(client_, KafkaClient::Make(RD_KAFKA_CONSUMER, settings,
                                                        {{"enable.partition.eof", "true"},
                                                         {"check.crcs", "true"},
                                                         {"auto.offset.reset", "error"},
                                                         {"fetch.wait.max.ms", "500"},
                                                         {"fetch.min.bytes", "1"},
                                                         {"fetch.error.backoff.ms", "100"},
                                                         {"queued.max.messages.kbytes", "32768"}}));
  topic_.reset(rd_kafka_topic_new(client_->get(), topic_name_.c_str(), nullptr));
  queue_.reset(rd_kafka_queue_new(client_->get()));
  if (rd_kafka_consume_start_queue(topic_.get(), partition_.value, expected_, queue_.get()) != 0) {
    return KafkaFailure(rd_kafka_last_error(), "cannot read " + topic_name_);
  }
  started_ = true;
  return Status::Ok();
}

KafkaCursor::~KafkaCursor() {
  fetched_.clear();
  if (started_) rd_kafka_consume_stop(topic_.get(), partition_.value);
}

bool KafkaCursor::Await(std::chrono::milliseconds wait_max) {
  const auto deadline = std::chrono::steady_clock::now() + wait_max;
  auto left = wait_max;
  while (!has_records() && !fault_) {
    rd_kafka_poll(client_->get(), 0);  // its errors
    // A batch call waits until it is full, hence first for one.
    KafkaMessage message(rd_kafka_consume_queue(queue_.get(), ToMs(left)));
    if (message != nullptr) Accept(std::move(message));
    left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline -
                                                                 std::chrono::steady_clock::now());
    if (message == nullptr && left.count() <= 0) break;
  }
  return has_records() || fault_;
}

void KafkaCursor::Accept(KafkaMessage message) {
  heard_at_ = std::chrono::steady_clock::now();
  if (fault_) return;
  const char* detail = rd_kafka_message_errstr(message.get());
  const std::string text = detail == nullptr ? "" : detail;
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (message->offset > expected_) fault_ = Gap(message->offset);
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      fault_ = CursorFault{CursorFault::Kind::kOutOfRange, text};
      return;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      fault_ = CursorFault{CursorFault::Kind::kBadBytes, text};
      return;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      fault_ = CursorFault{CursorFault::Kind::kRefused, text};
      return;
    default:
      // What is not there may be a broker that has not learnt of it yet; whoever reads asks again.
      if (SaysGone(message->err)) fault_ = CursorFault{CursorFault::Kind::kGone, text};
      return;  // anything else it tries again by itself
  }
  if (message->offset != expected_) {
    fault_ = Gap(message->offset);
    return;
  }
  ++expected_;
  fetched_.push_back(std::move(message));
}

CursorFault KafkaCursor::Gap(int64_t came) const {
  return {CursorFault::Kind::kGap,
          fmt::format("record {} was to follow, and Kafka offset {} came instead of {}",
                      FromKafka(expected_).value, came, expected_)};
}

// What librdkafka holds already, without waiting.
void KafkaCursor::FetchAvailable(size_t bytes_max) {
  size_t bytes = 0;
  for (size_t i = taken_; i < fetched_.size(); ++i) bytes += fetched_[i]->len;
  std::array<rd_kafka_message_t*, kMessagesAtOnce> messages{};
  while (bytes < bytes_max && !fault_) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), messages.size());
    if (count <= 0) return;
    for (ssize_t i = 0; i < count; ++i) {
      KafkaMessage message(messages[static_cast<size_t>(i)]);
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) bytes += message->len;
      Accept(std::move(message));
    }
  }
}

ReadBatch KafkaCursor::Take(size_t bytes_max) {
  CONNTRAIL_CHECK(has_records());
  FetchAvailable(bytes_max);
  size_t bytes = 0;
  size_t end = taken_;
  while (end < fetched_.size() && (end == taken_ || bytes + fetched_[end]->len <= bytes_max)) {
    bytes += fetched_[end++]->len;
  }
  ReadBatch batch;
  batch.storage.resize(bytes);
  batch.records.reserve(end - taken_);
  std::byte* at = batch.storage.data();
  for (; taken_ < end; ++taken_) {
    const KafkaMessage message = std::move(fetched_[taken_]);
    const ByteSpan payload = PayloadOf(*message);
    std::copy(payload.begin(), payload.end(), at);
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    LogRecord record;
    record.offset = next_;
    record.append_time_ms = rd_kafka_message_timestamp(message.get(), &type);
    record.key = ParseKey({static_cast<const char*>(message->key), message->key_len});
    record.payload = {at, payload.size()};
    batch.records.push_back(record);
    at += payload.size();
    next_ = next_.Next();
  }
  if (taken_ == fetched_.size()) {
    fetched_.clear();
    taken_ = 0;
  }
  return batch;
}

}  // namespace conntrail
