#include "events/producer/kafka_target.h"

#include "events/log/kafka/kafka_log.h"

namespace conntrail {

OutboxTarget KafkaTarget(KafkaSettings settings) {
  settings.keeps_order = true;
  return [settings = std::move(settings)]() -> Result<std::unique_ptr<EventLog>> {
    CONNTRAIL_ASSIGN_OR_RETURN(auto log, KafkaLog::Open(settings));
    return std::unique_ptr<EventLog>(std::move(log));
  };
}

}  // namespace conntrail
