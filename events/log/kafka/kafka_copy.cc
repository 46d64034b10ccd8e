#include "events/log/kafka/kafka_copy.h"

#include <deque>
#include <thread>

#include <fmt/format.h>

#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_init.h"
#include "events/log/kafka/kafka_log.h"
#include "events/log/kafka/kafka_producer.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

// What a copier that was cut off had under way may still arrive.
constexpr std::chrono::milliseconds kSettling{1'000};
// Records that librdkafka holds at once: it takes 100,000, and must never refuse one.
constexpr size_t kPartRecords = 10'000;
constexpr size_t kPartsMax = 6;
constexpr std::chrono::milliseconds kPartWait{90'000};
constexpr const char* kNoLimit = "9223372036854775807";

// Which brokers knows which of them depends on its version.
constexpr const char* kTimeLimits[] = {"message.timestamp.before.max.ms",
                                       "message.timestamp.after.max.ms",
                                       "message.timestamp.difference.max.ms"};

class TopicCopy final : public CopyTarget {
 public:
  TopicCopy(const KafkaSettings& settings, std::unique_ptr<KafkaClient> client, bool is_open)
      : settings_(settings), client_(std::move(client)), is_open_(is_open) {}

  Status Connect() {
    KafkaSettings reading = settings_;
    reading.accepted.insert(kUnfinishedCopy);
    reading.check_every = std::chrono::milliseconds(0);
    CONNTRAIL_ASSIGN_OR_RETURN(log_, KafkaLog::Open(std::move(reading)));
    if (is_open_) return Status::Ok();
    CONNTRAIL_ASSIGN_OR_RETURN(producer_,
                               KafkaProducer::Open(settings_, KafkaProducer::Kind::kCopies));
    return Status::Ok();
  }

  EventLog& log() override { return *log_; }
  bool is_open() const override { return is_open_; }

  Status Append(PartitionId partition, std::span<const LogRecord> records) override {
    for (const LogRecord& record : records) {
      if (record.append_time_ms > 0) continue;
      return Status::FailedPrecondition(fmt::format(
          "record {} of partition {} of the source has the time {} ms, which Kafka does "
          "not keep",
          record.offset.value, partition.value, record.append_time_ms));
    }
    while (!records.empty()) {
      if (parts_.size() == kPartsMax) CONNTRAIL_RETURN_IF_ERROR(AwaitOne());
      const auto part = records.first(std::min(records.size(), kPartRecords));
      parts_.push_back({partition, part.front().offset, producer_->ProduceCopies(partition, part)});
      records = records.subspan(part.size());
    }
    return Status::Ok();
  }

  Status Flush() override {
    while (!parts_.empty()) CONNTRAIL_RETURN_IF_ERROR(AwaitOne());
    return Status::Ok();
  }

  Status OpenUp() override {
    if (is_open_) return Status::Ok();
    TopicChanges changes = {{"message.timestamp.type", "LogAppendTime"},
                            {"segment.ms", std::nullopt}};
    for (const char* limit : kTimeLimits) changes[limit] = std::nullopt;
    CONNTRAIL_RETURN_IF_ERROR(ChangeTopic(*client_, settings_, changes));
    is_open_ = true;
    return Status::Ok();
  }

 private:
  struct Part {
    PartitionId partition;
    Offset first;
    std::shared_ptr<Deliveries> deliveries;
  };

  Status AwaitOne() {
    const Part part = std::move(parts_.front());
    parts_.pop_front();
    const std::vector<Delivery> told = part.deliveries->Await(kPartWait);
    for (size_t i = 0; i < told.size(); ++i) {
      const Offset offset(part.first.value + i);
      CONNTRAIL_RETURN_IF_ERROR(Judge(part.partition, offset, told[i]));
    }
    return Status::Ok();
  }

  Status Judge(PartitionId partition, Offset offset, const Delivery& delivery) const {
    if (delivery.fate != Delivery::Fate::kDurable) {
      return Status::Unavailable(
          fmt::format("record {} of partition {} was not acknowledged: {}; run this again, it goes "
                      "on from what is there",
                      offset.value, partition.value, delivery.why));
    }
    if (delivery.append_time_ms >= 0) {
      return Status::FailedPrecondition(fmt::format(
          "topic {} gives records times of its own, though that was switched off: somebody has "
          "changed message.timestamp.type; delete the topic and copy again",
          settings_.address.topic));
    }
    // Without an offset it is a retry that the broker knew; reading back shows where it stands.
    if (delivery.offset < 0 || FromKafka(delivery.offset) == offset) return Status::Ok();
    return Status::FailedPrecondition(fmt::format(
        "record {} of partition {} came to stand at {}: somebody else writes to topic "
        "{}; delete the topic and copy again",
        offset.value, partition.value, FromKafka(delivery.offset).value, settings_.address.topic));
  }

  const KafkaSettings settings_;
  const std::unique_ptr<KafkaClient> client_;
  bool is_open_;
  std::unique_ptr<KafkaLog> log_;
  std::unique_ptr<KafkaProducer> producer_;
  std::deque<Part> parts_;  // under way, in order
};

// True if `topic` was opened up as this log. kFailedPrecondition: it is something else.
Result<bool> IsOpened(const KafkaSettings& settings, const KafkaReport& report,
                      const Uuid& log_id) {
  if (!report.topic) return false;
  for (const KafkaFinding& finding : report.findings) {
    if (finding.name == kUnfinishedCopy) return false;
  }
  if (report.log_id == log_id) return true;
  return Status::FailedPrecondition(fmt::format(
      "there is a topic {} already, and it is no copy of the log {}{}; choose a name that no topic "
      "has",
      settings.address.topic, log_id.ToString(),
      report.log_id ? " but the log " + report.log_id->ToString() : ""));
}

// Waits until nothing more arrives.
Status AwaitQuiet(const KafkaClient& client, const KafkaSettings& settings, size_t partitions) {
  std::vector<int64_t> before;
  while (true) {
    std::vector<int64_t> ends;
    for (uint16_t p = 0; p < partitions; ++p) {
      CONNTRAIL_ASSIGN_OR_RETURN(const KafkaRange range,
                                 AskRange(client, settings, PartitionId(p)));
      ends.push_back(range.end);
    }
    if (ends == before) return Status::Ok();
    before = std::move(ends);
    std::this_thread::sleep_for(kSettling);
  }
}

// Records of any time are to be taken.
Status LiftTimeLimits(const KafkaClient& client, const KafkaSettings& settings,
                      const KafkaTopic& topic) {
  TopicChanges changes;
  for (const char* limit : kTimeLimits) {
    const auto found = topic.settings.find(limit);
    if (found != topic.settings.end() && found->second != kNoLimit) changes[limit] = kNoLimit;
  }
  return changes.empty() ? Status::Ok() : ChangeTopic(client, settings, changes);
}

}  // namespace

Result<std::unique_ptr<CopyTarget>> BeginCopyToTopic(const KafkaSettings& settings,
                                                     const EventLog& source, size_t replicas) {
  CONNTRAIL_ASSIGN_OR_RETURN(auto client, KafkaClient::Make(RD_KAFKA_CONSUMER, settings, {}));
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaReport report, CheckKafkaLog(settings));
  CONNTRAIL_ASSIGN_OR_RETURN(const bool is_open, IsOpened(settings, report, source.log_id()));
  if (!is_open) {
    const bool is_new = !report.topic;
    CONNTRAIL_ASSIGN_OR_RETURN(report,
                               InitKafkaLog(settings, {.partitions = source.partition_count(),
                                                       .replicas = replicas,
                                                       .log_id = source.log_id(),
                                                       .for_copy = true}));
    CONNTRAIL_RETURN_IF_ERROR(LiftTimeLimits(*client, settings, *report.topic));
    if (!is_new) {
      CONNTRAIL_RETURN_IF_ERROR(AwaitQuiet(*client, settings, source.partition_count()));
    }
  }
  auto copy = std::make_unique<TopicCopy>(settings, std::move(client), is_open);
  CONNTRAIL_RETURN_IF_ERROR(copy->Connect());
  return std::unique_ptr<CopyTarget>(std::move(copy));
}

}  // namespace conntrail
