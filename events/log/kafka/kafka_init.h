#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/base/result.h"
#include "events/base/uuid.h"
#include "events/log/kafka/kafka_findings.h"
#include "events/log/kafka/kafka_settings.h"

namespace conntrail {

struct KafkaLogShape {
  size_t partitions = 1;
  size_t replicas = 0;    // 0: three, or as many as there are brokers
  Uuid log_id;            // that an origin gets; nil: a new one
  bool for_copy = false;  // SettingsForCopy: records are to keep times that they have already
};

// What is known of a topic as a log.
struct KafkaReport {
  std::optional<KafkaTopic> topic;                     // nullopt: there is none
  std::optional<Uuid> log_id;                          // nullopt: it is no log
  std::vector<std::optional<Uuid>> partition_log_ids;  // of each partition's origin
  std::vector<KafkaFinding> findings;
  bool was_made = false;  // by this call
};

// Makes the topic with SettingsForLog, and the origins of its partitions. Where that is done
// already, nothing: it may be repeated, also after it was cut off.
//
// kFailedPrecondition: there is such a topic of another shape or with other settings (all are
// named), or with records of somebody else. Two that run at the same time agree on one log id, but
// a surplus origin may stand as its first record; it is decided as malformed.
Result<KafkaReport> InitKafkaLog(const KafkaSettings& settings, const KafkaLogShape& shape);

// Only looks. kUnavailable: the brokers do not answer.
Result<KafkaReport> CheckKafkaLog(const KafkaSettings& settings);

}  // namespace conntrail
