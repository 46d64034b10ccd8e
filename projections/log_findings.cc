#include "projections/log_findings.h"

#include "events/log/kafka/kafka_log.h"

namespace conntrail {

std::vector<LogFinding> FindingsAbout(const EventLog& log) {
  std::vector<LogFinding> findings;
  const auto* kafka = dynamic_cast<const KafkaLog*>(&log);
  if (kafka == nullptr) return findings;
  for (const KafkaFinding& finding : kafka->findings()) {
    findings.push_back(
        {finding.name, finding.text, Unaccepted({finding}, kafka->accepted()).empty()});
  }
  return findings;
}

}  // namespace conntrail
