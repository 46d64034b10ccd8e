#pragma once

#include <map>
#include <optional>
#include <string>

#include "events/base/strong_id.h"
#include "events/log/kafka/kafka_client.h"
#include "events/log/kafka/kafka_findings.h"

// What is asked of brokers beside reading and writing. Private to this folder.
namespace conntrail {

// Kafka offsets of one partition.
struct KafkaRange {
  int64_t begin = 0;  // of the first record that is still there
  int64_t end = 0;    // that the next record gets
};

// kNotFound: there is no such partition.
Result<KafkaRange> AskRange(const KafkaClient& client, const KafkaSettings& settings,
                            PartitionId partition);
Result<int64_t> AskEndOffset(const KafkaClient& client, const KafkaSettings& settings,
                             PartitionId partition, std::chrono::milliseconds wait_max);

// nullopt: the cluster answers, and has no such topic.
Result<std::optional<KafkaTopic>> DescribeTopic(const KafkaClient& client,
                                                const KafkaSettings& settings);

// How many brokers the cluster has.
Result<size_t> CountBrokers(const KafkaClient& client, const KafkaSettings& settings);

// Ok also if somebody else has made it meanwhile.
Status CreateTopic(const KafkaClient& client, const KafkaSettings& settings, size_t partitions,
                   size_t replicas, const std::map<std::string, std::string>& topic_settings);

// Settings that a topic is to have for itself; nullopt: the brokers' default is to count again.
using TopicChanges = std::map<std::string, std::optional<std::string>>;
// Ok: the brokers answer with these settings, and with what else was the topic's own.
Status ChangeTopic(const KafkaClient& client, const KafkaSettings& settings,
                   const TopicChanges& changes);

// The value of one record, as it lies in its partition.
struct KafkaValue {
  PartitionId partition;
  int64_t offset = 0;                // in Kafka's count; in
  std::optional<std::string> value;  // out; nullopt: there is no record at that offset
  bool is_damaged = false;           // out; its bytes are not what the checksum was made of
};
// Reads each of `wanted` from the brokers, with a connection of its own: nothing that was read
// before is believed. No two of one partition. kCorruption names one that is damaged however often
// it is read.
Status ReadValues(const KafkaSettings& settings, std::vector<KafkaValue>& wanted);

}  // namespace conntrail
