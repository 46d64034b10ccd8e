// The part of KafkaLog that looks after its topic while it is in use.

#include <algorithm>

#include <fmt/format.h>

#include "events/base/sha256.h"
#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_log.h"
#include "events/log/kafka/kafka_partition.h"
#include "events/log/kafka/kafka_producer.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

// Checks in a row that find no topic before that is believed: brokers that have just started may
// not know it yet.
constexpr int kGoneMax = 3;

}  // namespace

void KafkaLog::Watch() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, settings_.check_every, [&] { return stopping_; })) {
    lock.unlock();
    const Status checked = CheckNow();
    const bool is_unreachable = checked.code() == StatusCode::kUnavailable;
    for (const auto& partition : partitions_) partition->NoteAway(is_unreachable);
    lock.lock();
    if (is_unreachable == is_unreachable_) continue;
    is_unreachable_ = is_unreachable;
    settings_.diagnostics(is_unreachable ? checked.message() : "Kafka answers again");
  }
}

Status KafkaLog::CheckNow() {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(*client_, settings_));
  {
    const std::lock_guard lock(mutex_);
    gone_ = topic ? 0 : gone_ + 1;
    if (!topic && gone_ < kGoneMax) return Status::Unavailable("the topic was not to be seen");
  }
  if (!topic) {
    const Status why = Status::FailedPrecondition(
        fmt::format("topic {} is no more at {}: it was deleted; restore it",
                    settings_.address.topic, settings_.address.bootstrap));
    HaltAll(why);
    return why;
  }
  NoteTopic(*topic);
  CONNTRAIL_RETURN_IF_ERROR(CheckOrigins());
  return CheckAnchors();
}

// ReadValues; a partition whose record is damaged halts.
Status KafkaLog::ReadOrHalt(std::vector<KafkaValue>& wanted) {
  const Status read = ReadValues(settings_, wanted);
  for (const KafkaValue& one : wanted) {
    if (one.is_damaged) partitions_[one.partition.value]->Halt(read);
  }
  return read;
}

// A topic that was deleted and made again has another origin, or none.
Status KafkaLog::CheckOrigins() {
  std::vector<KafkaValue> origins;
  for (uint16_t p = 0; p < partitions_.size(); ++p) {
    CONNTRAIL_ASSIGN_OR_RETURN(const KafkaRange range,
                               AskRange(*client_, settings_, PartitionId(p)));
    if (range.begin == 0) origins.push_back({.partition = PartitionId(p)});
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadOrHalt(origins));
  for (const KafkaValue& origin : origins) {
    if (origin.value && ParseOrigin(*origin.value, origin.partition) == log_id_) continue;
    const Status why = Status::FailedPrecondition(fmt::format(
        "topic {} at {} is no more the log {}: it was deleted and made again, or this is another "
        "cluster; bring the topic back, or use another data directory",
        settings_.address.topic, settings_.address.bootstrap, log_id_.ToString()));
    HaltAll(why);
    return why;
  }
  return Status::Ok();
}

// The last record that was read must still be there, with the same bytes: a log that was cut off
// and has grown beyond that place again shows only here.
Status KafkaLog::CheckAnchors() {
  std::vector<KafkaValue> records;
  std::vector<KafkaPartition::Anchor> anchors;
  for (uint16_t p = 0; p < partitions_.size(); ++p) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, partitions_[p]->AskEnd(settings_.request_wait));
    const auto anchor = partitions_[p]->anchor();
    if (!anchor || anchor->offset >= end) continue;
    records.push_back({.partition = PartitionId(p), .offset = ToKafka(anchor->offset)});
    anchors.push_back(*anchor);
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadOrHalt(records));
  for (size_t i = 0; i < records.size(); ++i) {
    const KafkaValue& record = records[i];
    if (record.value && Sha256(AsBytes(*record.value)) == anchors[i].hash) continue;
    const PartitionId p = record.partition;
    CONNTRAIL_ASSIGN_OR_RETURN(const KafkaRange range, AskRange(*client_, settings_, p));
    if (!record.value && record.offset < range.begin) continue;  // a finding, and told as that
    const Status why = Status::Corruption(fmt::format(
        "record {} of partition {} of {} is not what was read before: the log was cut off or "
        "replaced; restore the topic, or salvage what the projection still has",
        anchors[i].offset.value, p.value, settings_.address.topic));
    partitions_[p.value]->Halt(why);
    return why;
  }
  return Status::Ok();
}

void KafkaLog::NoteTopic(const KafkaTopic& topic) {
  std::vector<KafkaFinding> findings = FindingsIn(topic, settings_.address.topic);
  const size_t count = topic.partitions.size();
  const std::lock_guard lock(mutex_);
  for (const KafkaFinding& finding : Unaccepted(findings, settings_.accepted)) {
    if (std::find(findings_.begin(), findings_.end(), finding) != findings_.end()) continue;
    settings_.diagnostics(fmt::format("topic {} is no more safe as a log: {}: {}",
                                      settings_.address.topic, finding.name, finding.text));
  }
  findings_ = std::move(findings);
  if (count == partitions_told_ || count == partitions_.size()) return;
  partitions_told_ = count;
  settings_.diagnostics(fmt::format(
      "topic {} has {} partitions, of which {} are of this log: no org moves; conntrail kafka init "
      "takes the others in",
      settings_.address.topic, count, partitions_.size()));
}

std::vector<KafkaFinding> KafkaLog::findings() const {
  const std::lock_guard lock(mutex_);
  return findings_;
}

void KafkaLog::HaltAll(const Status& why) {
  for (const auto& partition : partitions_) partition->Halt(why);
}

}  // namespace conntrail
