#include "events/log/kafka/kafka_init.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/log/kafka/kafka_admin.h"
#include "events/log/kafka/kafka_producer.h"
#include "events/log/kafka/kafka_record.h"

namespace conntrail {
namespace {

Result<std::vector<std::optional<Uuid>>> ReadOriginIds(const KafkaSettings& settings,
                                                       const KafkaTopic& topic) {
  std::vector<KafkaValue> origins;
  for (size_t p = 0; p < topic.partitions.size(); ++p) {
    if (topic.partitions[p].begin > 0) continue;
    origins.push_back({.partition = PartitionId(static_cast<uint16_t>(p))});
  }
  CONNTRAIL_RETURN_IF_ERROR(ReadValues(settings, origins));
  std::vector<std::optional<Uuid>> ids(topic.partitions.size());
  for (const KafkaValue& origin : origins) {
    if (origin.value) ids[origin.partition.value] = ParseOrigin(*origin.value, origin.partition);
  }
  return ids;
}

// Writes the origin of a partition that has none. Another one that came first is not replaced.
Status WriteOrigin(KafkaProducer& producer, const KafkaSettings& settings, const KafkaTopic& topic,
                   PartitionId partition, const Uuid& log_id) {
  if (topic.partitions[partition.value].end > 0) {
    return Status::FailedPrecondition(
        fmt::format("partition {} of {} has records that are not of a log; choose another topic",
                    partition.value, settings.address.topic));
  }
  const std::string text = OriginText(log_id, partition);
  const NewRecord record{OrgId{}, AsBytes(text)};
  const Delivery delivery =
      producer.Produce(partition, {&record, 1})->Await(settings.append_wait).front();
  if (delivery.fate == Delivery::Fate::kDurable) return Status::Ok();
  return Status::Unavailable(fmt::format("the origin of partition {} was not acknowledged: {}",
                                         partition.value, delivery.why));
}

// Partition 0 first: whoever else does the same takes over the log id that came to stand there.
Result<Uuid> WriteOrigins(const KafkaSettings& settings, const KafkaTopic& topic,
                          const Uuid& wanted) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto producer,
                             KafkaProducer::Open(settings, KafkaProducer::Kind::kEach));
  CONNTRAIL_ASSIGN_OR_RETURN(auto ids, ReadOriginIds(settings, topic));
  if (!ids.front()) {
    const Uuid id = wanted.is_nil() ? Uuid::NewTimeOrdered(settings.clock->Now()) : wanted;
    CONNTRAIL_RETURN_IF_ERROR(WriteOrigin(*producer, settings, topic, PartitionId(0), id));
    CONNTRAIL_ASSIGN_OR_RETURN(ids, ReadOriginIds(settings, topic));
    if (!ids.front()) return Status::Unavailable("the origin that was written is not to be read");
  }
  if (!wanted.is_nil() && ids.front() != wanted) {
    return Status::FailedPrecondition(
        fmt::format("in topic {} is the log {}, not {}; choose another topic",
                    settings.address.topic, ids.front()->ToString(), wanted.ToString()));
  }
  for (uint16_t p = 1; p < ids.size(); ++p) {
    if (ids[p] == ids[0]) continue;
    CONNTRAIL_RETURN_IF_ERROR(WriteOrigin(*producer, settings, topic, PartitionId(p), *ids[0]));
  }
  return *ids.front();
}

}  // namespace

Result<KafkaReport> CheckKafkaLog(const KafkaSettings& settings) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto client, KafkaClient::Make(RD_KAFKA_CONSUMER, settings, {}));
  KafkaReport report;
  CONNTRAIL_ASSIGN_OR_RETURN(report.topic, DescribeTopic(*client, settings));
  if (!report.topic) return report;
  report.findings = FindingsIn(*report.topic, settings.address.topic);
  CONNTRAIL_ASSIGN_OR_RETURN(report.partition_log_ids, ReadOriginIds(settings, *report.topic));
  if (!report.partition_log_ids.empty()) report.log_id = report.partition_log_ids.front();
  return report;
}

Result<KafkaReport> InitKafkaLog(const KafkaSettings& settings, const KafkaLogShape& shape) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto client, KafkaClient::Make(RD_KAFKA_CONSUMER, settings, {}));
  const auto settings_of = [&](size_t replicas) {
    return shape.for_copy ? SettingsForCopy(replicas) : SettingsForLog(replicas);
  };
  CONNTRAIL_ASSIGN_OR_RETURN(const MadeTopic made, MakeTopic(*client, settings, shape.partitions,
                                                             shape.replicas, settings_of));
  const auto differences =
      DifferencesOf(made.topic, shape.partitions, made.replicas, settings_of(made.replicas));
  if (!differences.empty()) {
    return Status::FailedPrecondition(
        fmt::format("there is a topic {} already, and it differs: {}; alter it, or choose another",
                    settings.address.topic, fmt::join(differences, "; ")));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const Uuid log_id, WriteOrigins(settings, made.topic, shape.log_id));
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaReport report, CheckKafkaLog(settings));
  const auto is_other = [&](const auto& id) { return id != log_id; };
  if (std::any_of(report.partition_log_ids.begin(), report.partition_log_ids.end(), is_other)) {
    return Status::FailedPrecondition("a partition of " + settings.address.topic +
                                      " begins with another log; choose another topic");
  }
  report.was_made = made.was_made;
  return report;
}

}  // namespace conntrail
