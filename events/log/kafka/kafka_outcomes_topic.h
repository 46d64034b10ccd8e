#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/log/kafka/kafka_init.h"

// The topic beside a log in which others are told what became of its records. It is no log: what is
// in it follows from the log and can be written again, so nothing depends on its replicas.
namespace conntrail {

// "TOPIC.outcomes"
std::string OutcomesTopicOf(std::string_view log_topic);

// Makes the topic with as many partitions as `shape` says and no retention of its own; true if
// there was none. `settings` are the log's. kFailedPrecondition: there is one that does not fit.
Result<bool> InitOutcomesTopic(const KafkaSettings& settings, const KafkaLogShape& shape);

// kNotFound: there is none. kFailedPrecondition: it would not keep what is written, or not where
// consumers look for it; names all that is wrong.
Status CheckOutcomesTopic(const KafkaSettings& settings, size_t partitions);

// What would make such a topic lose or refuse records. How long it keeps them is its owner's
// matter. Pure.
std::vector<std::string> FaultsAsOutcomesTopic(const KafkaTopic& topic, size_t partitions);

}  // namespace conntrail
