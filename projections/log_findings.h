#pragma once

#include <string>
#include <vector>

#include "events/log/event_log.h"

namespace conntrail {

// What endangers the records of a log, or has taken some away already (of a topic of Kafka: a
// setting, see events/log/kafka/kafka_findings.h).
struct LogFinding {
  std::string name;
  std::string text;          // what is, what should be, and how to get there; one line
  bool is_accepted = false;  // by --unsafe
};

// As of the last check of the log, which asks its brokers every ten seconds; asks nobody itself.
// An embedded log has none. May be called from any thread.
std::vector<LogFinding> FindingsAbout(const EventLog& log);

}  // namespace conntrail
