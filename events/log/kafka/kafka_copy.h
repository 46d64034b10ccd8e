#pragma once

#include <memory>

#include "events/log/kafka/kafka_settings.h"
#include "events/log/log_copy.h"

namespace conntrail {

// A topic as the target of a copy of `source`: made as InitKafkaLog does, with the same id, in as
// many partitions and of so many replicas (0: three, or as many as there are brokers).
//
// Until OpenUp the topic keeps the times that records are given (message.timestamp.type=CreateTime;
// a batch that is there keeps its kind of time for ever), and no KafkaLog opens it, whatever is
// accepted. Then the brokers' time counts, as in any log.
//
// kFailedPrecondition: there is such a topic, and it is neither this log nor a copy of it; or a
// finding that is not accepted.
Result<std::unique_ptr<CopyTarget>> BeginCopyToTopic(const KafkaSettings& settings,
                                                     const EventLog& source, size_t replicas);

}  // namespace conntrail
