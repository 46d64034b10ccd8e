#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "events/log/kafka/kafka_init.h"
#include "events/log/kafka/kafka_log.h"
#include "events/log/kafka/kafka_record.h"

// The brokers that with_broker started, and topics of them to do harm to.
namespace conntrail {

// Where the brokers are; the tests must be run by tests/kafka/with_broker.
std::string KafkaBootstrap();

// Runs tools/kafka-local; false if it failed.
bool KafkaLocal(const std::vector<std::string>& arguments);

// A topic name that no other test has.
std::string NewTopicName(const std::string& prefix = "log");

// One broker is enough, and answers are awaited for seconds, not for minutes.
KafkaSettings SettingsFor(const std::string& topic);

// InitKafkaLog with its result checked; returns the log id.
Uuid MakeLog(const KafkaSettings& settings, size_t partitions = 1);
std::unique_ptr<KafkaLog> MustOpen(const KafkaSettings& settings);

// Done to a topic past conntrail, as somebody with Kafka's own tools would. Each waits until it is
// so, and is a failed check if it does not come to that.
void CreateTopicAsIs(const std::string& topic, int partitions,
                     const std::map<std::string, std::string>& settings);
// Of one partition, whose replicas are on these brokers; the first one leads.
void CreateTopicOn(const std::string& topic, std::vector<int32_t> brokers,
                   const std::map<std::string, std::string>& settings);
void DeleteTopic(const std::string& topic);
void AlterTopic(const std::string& topic, const std::map<std::string, std::string>& settings);
void RaisePartitions(const std::string& topic, int partitions);
void DeleteRecordsBefore(const std::string& topic, int64_t kafka_offset);
// With an ordinary producer.
void ProduceAsIs(const std::string& topic, const std::vector<std::string>& values,
                 const std::string& key = "");
// Lets a user of a broker with ACLs do that with a topic.
void Allow(const std::string& topic, const std::string& user,
           const std::vector<rd_kafka_AclOperation_t>& operations);
// In a transaction, whose end takes an offset of its own.
void ProduceInTransaction(const std::string& topic, const std::vector<std::string>& values);

}  // namespace conntrail
