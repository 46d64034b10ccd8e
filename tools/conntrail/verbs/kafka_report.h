#pragma once

#include <set>
#include <string>

#include "events/log/kafka/kafka_init.h"
#include "tools/conntrail/session.h"

namespace conntrail {

// --log as the topic to look at. kInvalidArgument: it was not given, or is no topic.
Result<KafkaSettings> TopicAskedFor(const Session& session);

// Writes what is known of the topic: as a table for people, or as one JSON document. REQUIRES:
// there is one.
void WriteReport(Session& session, const KafkaSettings& settings, const KafkaReport& report);

}  // namespace conntrail
