#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

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

// The topic, made if there was none.
struct MadeTopic {
  KafkaTopic topic;
  size_t replicas = 0;  // those that were asked for, or usual
  bool was_made = false;
};
// Makes the topic unless there is one, and waits until it is served. `replicas` 0: three, or as
// many as there are brokers; `settings_of` gets how many. Ok also if somebody else has made it
// meanwhile.
Result<MadeTopic> MakeTopic(
    const KafkaClient& client, const KafkaSettings& settings, size_t partitions, size_t replicas,
    const std::function<std::map<std::string, std::string>(size_t replicas)>& settings_of);

// Settings that a topic is to have for itself; nullopt: the brokers' default is to count again.
using TopicChanges = std::map<std::string, std::optional<std::string>>;
// Ok: the brokers answer with these settings, and with what else was the topic's own.
Status ChangeTopic(const KafkaClient& client, const KafkaSettings& settings,
                   const TopicChanges& changes);

// What differs between `topic` and one that MakeTopic would make.
std::vector<std::string> DifferencesOf(const KafkaTopic& topic, size_t partitions, size_t replicas,
                                       const std::map<std::string, std::string>& settings);

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
