#pragma once

#include "events/log/kafka/kafka_settings.h"
#include "events/producer/outbox.h"

namespace conntrail {

// A log in a topic of Kafka for an outbox to send to: it keeps the order of what is appended, also
// where a fate is not good. Each record gets the headers of kafka_headers.h if
// `settings.writes_headers` says so. The producer's principal needs Read, Write, Describe and
// DescribeConfigs on the topic.
OutboxTarget KafkaTarget(KafkaSettings settings);

}  // namespace conntrail
