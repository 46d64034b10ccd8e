#include "events/log/kafka/kafka_log.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_partition.h"
#include "events/log/kafka/kafka_producer.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;

// librdkafka tells the fate of a message about this much after its time is over.
constexpr milliseconds kTellingMax{3'000};
// For the look at the end of the log after an append whose fate is unknown.
constexpr milliseconds kTailWait{1'000};
constexpr size_t kTailBytes = 1 << 20;

}  // namespace

KafkaLog::KafkaLog(KafkaSettings settings) : settings_(std::move(settings)) {}

Result<std::unique_ptr<KafkaLog>> KafkaLog::Open(KafkaSettings settings) {
  std::unique_ptr<KafkaLog> log(new KafkaLog(std::move(settings)));
  CONNTRAIL_RETURN_IF_ERROR(log->Connect());
  if (log->settings_.check_every.count() > 0) {
    log->watcher_ = std::thread([raw = log.get()] { raw->Watch(); });
  }
  return log;
}

Status KafkaLog::Connect() {
  CONNTRAIL_ASSIGN_OR_RETURN(client_, KafkaClient::Make(RD_KAFKA_CONSUMER, settings_, {}));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(*client_, settings_));
  const std::string& name = settings_.address.topic;
  if (!topic) {
    return Status::NotFound(
        fmt::format("there is no topic {0} at {1}; conntrail kafka init --log {2} makes it", name,
                    settings_.address.bootstrap, settings_.address.ToString()));
  }
  const auto obstacles = Unaccepted(FindingsIn(*topic, name), settings_.accepted);
  if (!obstacles.empty()) {
    return Status::FailedPrecondition(
        fmt::format("topic {} is not safe as a log (--unsafe NAME accepts a finding): {}", name,
                    TextOf(obstacles)));
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadOrigins(topic->partitions.size()));
  for (uint16_t p = 0; p < partitions_.size(); ++p) {
    partitions_[p] = std::make_unique<KafkaPartition>(settings_, *client_, PartitionId(p),
                                                      FromKafka(topic->partitions[p].end));
  }
  NoteTopic(*topic);
  CONNTRAIL_ASSIGN_OR_RETURN(each_, KafkaProducer::Open(settings_, KafkaProducer::Kind::kEach));
  CONNTRAIL_ASSIGN_OR_RETURN(together_,
                             KafkaProducer::Open(settings_, KafkaProducer::Kind::kTogether));
  return Status::Ok();
}

// The log id, and the partitions that are of it.
Status KafkaLog::ReadOrigins(size_t partitions) {
  std::vector<KafkaValue> origins;
  for (size_t p = 0; p < partitions; ++p) {
    origins.push_back({.partition = PartitionId(static_cast<uint16_t>(p))});
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadValues(settings_, origins));
  size_t ours = 0;
  for (const KafkaValue& origin : origins) {
    const auto id = origin.value ? ParseOrigin(*origin.value, origin.partition) : std::nullopt;
    if (origin.partition.value == 0) {
      if (!id) {
        return Status::FailedPrecondition(fmt::format(
            "topic {} at {} is no log of conntrail: its first record is not a log's origin; "
            "conntrail kafka init makes one in a topic that is new or empty",
            settings_.address.topic, settings_.address.bootstrap));
      }
      log_id_ = *id;
    }
    if (id != log_id_) break;
    ++ours;
  }
  partitions_.resize(ours);
  return Status::Ok();
}

KafkaLog::~KafkaLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

Result<Offset> KafkaLog::Append(PartitionId partition, const OrgId& key, ByteSpan payload) {
  const NewRecord record{key, payload};
  return AppendBy(*each_, partition, {&record, 1}).front();
}

std::vector<Result<Offset>> KafkaLog::AppendEach(PartitionId partition,
                                                 std::span<const NewRecord> records) {
  return AppendBy(*each_, partition, records);
}

Result<Offset> KafkaLog::AppendAll(PartitionId partition, const OrgId& key,
                                   const std::vector<ByteSpan>& payloads) {
  CONNTRAIL_CHECK(!payloads.empty());
  std::vector<NewRecord> records;
  records.reserve(payloads.size());
  for (const ByteSpan payload : payloads) records.push_back({key, payload});
  const auto appended = AppendBy(*together_, partition, records);
  for (size_t i = 0; i < appended.size(); ++i) {
    if (!appended[i].ok()) return appended[i].status();
    if (appended[i]->value != appended[0]->value + i) {
      return Status::Unavailable(fmt::format(
          "{} records are in the log, from offset {} on, but not together: there are more of them "
          "than Kafka takes at once",
          appended.size(), appended[0]->value));
    }
  }
  return appended.front();
}

Status KafkaLog::MayAppend(PartitionId partition) {
  CONNTRAIL_CHECK(partition.value < partitions_.size());
  const Status halted = partitions_[partition.value]->halted();
  if (!halted.ok()) return Status::FailedPrecondition(halted.message());
  const std::lock_guard lock(mutex_);
  if (clock_fault_.empty()) return Status::Ok();
  const auto now = std::chrono::steady_clock::now();
  if (now < clock_probe_at_) return Status::FailedPrecondition(clock_fault_);
  clock_probe_at_ = now + settings_.check_every;  // one append in that time tries it
  return Status::Ok();
}

// A broker whose clock is far from ours gives records times that nobody should decide by.
void KafkaLog::NoteClock(const Delivery& delivery) {
  if (delivery.append_time_ms < 0) return;
  const int64_t ahead_ms = delivery.append_time_ms - settings_.clock->Now();
  const bool is_wrong = std::abs(ahead_ms) > settings_.clock_difference_max.count();
  const std::lock_guard lock(mutex_);
  if (is_wrong == !clock_fault_.empty()) return;
  if (!is_wrong) {
    clock_fault_.clear();
    return;
  }
  clock_fault_ = fmt::format(
      "the clocks of Kafka at {} and of this machine differ by {} s: nothing is appended until one "
      "of them is set right",
      settings_.address.bootstrap, ahead_ms / 1000);
  clock_probe_at_ = std::chrono::steady_clock::now() + settings_.check_every;
  settings_.diagnostics(clock_fault_);
}

std::vector<Result<Offset>> KafkaLog::AppendBy(KafkaProducer& producer, PartitionId partition,
                                               std::span<const NewRecord> records) {
  if (records.empty()) return {};
  for (const NewRecord& record : records) CONNTRAIL_CHECK(record.payload.size() <= kRecordBytesMax);
  Status may = MayAppend(partition);
  if (may.ok()) may = producer.Mend();
  if (!may.ok()) return std::vector<Result<Offset>>(records.size(), may);

  const Offset floor = partitions_[partition.value]->known_end();
  std::vector<Delivery> told =
      producer.Produce(partition, records)->Await(settings_.append_wait + kTellingMax);
  const bool all_known = std::all_of(told.begin(), told.end(), [](const Delivery& delivery) {
    return delivery.fate == Delivery::Fate::kNotSent || delivery.offset >= 0;
  });
  if (!all_known) {
    (void)producer.Mend();  // what its end tells is what the log is asked for next
    FindInTail(partition, floor, records, told);
  }
  std::vector<Result<Offset>> appended;
  appended.reserve(told.size());
  for (const Delivery& delivery : told) appended.push_back(Settle(partition, floor, delivery));
  NoteClock(told.back());
  return appended;
}

// Looks for records of unknown fate where they would be. Not to be found is no proof of absence: a
// request may still be on its way.
void KafkaLog::FindInTail(PartitionId partition, Offset floor, std::span<const NewRecord> records,
                          std::vector<Delivery>& told) {
  KafkaPartition& log = *partitions_[partition.value];
  const Result<Offset> end = log.AskEnd(kTailWait);
  if (!end.ok()) return;
  std::set<int64_t> taken;
  std::map<std::pair<OrgId, std::string_view>, std::deque<Delivery*>> open;
  for (size_t i = 0; i < records.size(); ++i) {
    if (told[i].offset >= 0) {
      taken.insert(told[i].offset);
    } else if (told[i].fate != Delivery::Fate::kNotSent) {
      open[{records[i].key, AsText(records[i].payload)}].push_back(&told[i]);
    }
  }
  for (Offset at = floor; at < *end && !open.empty();) {
    const Result<ReadBatch> batch = log.Read(at, kTailBytes);
    if (!batch.ok() || batch->records.empty()) return;
    at = batch->records.back().offset.Next();
    for (const LogRecord& record : batch->records) {
      const auto found = open.find({record.key, AsText(record.payload)});
      if (found == open.end() || taken.contains(ToKafka(record.offset))) continue;
      found->second.front()->fate = Delivery::Fate::kDurable;
      found->second.front()->offset = ToKafka(record.offset);
      found->second.pop_front();
      if (found->second.empty()) open.erase(found);
    }
  }
}

Result<Offset> KafkaLog::Settle(PartitionId partition, Offset floor, const Delivery& delivery) {
  const auto where = fmt::format("{} at {}", settings_.address.topic, settings_.address.bootstrap);
  switch (delivery.fate) {
    case Delivery::Fate::kDurable: {
      if (delivery.offset < 0) {
        return Status::Unavailable("acknowledged by " + where + ", but not where it stands");
      }
      const Offset offset = FromKafka(delivery.offset);
      const Status noted = delivery.offset < kOriginRecords
                               ? Status::Corruption("the origin of " + where + " was overwritten")
                               : partitions_[partition.value]->NoteAppended(offset, floor);
      if (!noted.ok()) return Status::Unavailable(noted.message());
      return offset;
    }
    case Delivery::Fate::kNotSent:
      return Status::Io(fmt::format("not sent to {}: {}", where, delivery.why));
    case Delivery::Fate::kUnderWay:
    case Delivery::Fate::kUnknown:
      break;
  }
  return Status::Unavailable(fmt::format("it may or may not be in {}: {}", where, delivery.why));
}

Result<ReadBatch> KafkaLog::Read(PartitionId partition, Offset from, size_t bytes_max) {
  CONNTRAIL_CHECK(partition.value < partitions_.size());
  return partitions_[partition.value]->Read(from, bytes_max);
}

Result<Offset> KafkaLog::End(PartitionId partition) {
  CONNTRAIL_CHECK(partition.value < partitions_.size());
  return partitions_[partition.value]->End();
}

bool KafkaLog::WaitFor(PartitionId partition, Offset offset, milliseconds wait_max) {
  CONNTRAIL_CHECK(partition.value < partitions_.size());
  return partitions_[partition.value]->WaitFor(offset, wait_max);
}

Status KafkaLog::halted(PartitionId partition) const {
  CONNTRAIL_CHECK(partition.value < partitions_.size());
  return partitions_[partition.value]->halted();
}

void KafkaLog::BreakProducerForTest() {
  each_->BreakForTest();
  together_->BreakForTest();
}

}  // namespace conntrail
