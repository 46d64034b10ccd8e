#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "events/base/clock.h"
#include "events/base/uuid.h"
#include "events/log/event_log.h"
#include "events/log/file.h"
#include "events/log/kafka/kafka_settings.h"
#include "projections/outcomes/outcomes_topic.h"

namespace conntrail {

// Which log a data directory has, as the options of a program say it. The same everywhere.
struct LogChoice {
  // --log: LogAddress as text. "": the one that the directory remembers; embedded for a new one.
  std::string log;
  std::string kafka_properties;  // --kafka-properties: a file; "": none
  bool kafka_headers = false;    // --kafka-headers: KafkaSettings::writes_headers
  std::string unsafe;            // --unsafe: names of findings that are accepted
  // --outcomes, "true" or "false": whether what is decided is published (outcomes_topic.h). "": as
  // the directory remembers.
  std::string outcomes;
};

// Everything that a topic needs. kInvalidArgument if `choice` names no topic.
Result<KafkaSettings> KafkaSettingsOf(const LogChoice& choice);

// An open log, and the lock by which one process at a time has the directory.
struct OpenedLog {
  std::unique_ptr<EventLog> log;
  File lock;                                // none if the log has its own
  std::string address;                      // as LogChoice::log says it
  std::unique_ptr<OutcomesTopic> outcomes;  // null: outcomes are not published
  bool outcomes_begin = false;              // and were not before
};

// Opens the log of a data directory whose part for the log is `directory`:
//
//   DIR/LOCK, log.id, *.segment    an embedded log (events/log/log_directory.h), or
//   DIR/LOCK, kafka                "conntrail kafka log 1" LF uuid(log id) LF address LF
//   DIR/outcomes                   beside kafka: outcomes are published by whoever folds
//
// A directory belongs to one log for ever. kFailedPrecondition: `choice` names another one, which
// is known by its id: the same topic may be reached by other servers, which are remembered then. An
// embedded log that was closed because it moved (events/log/closed_mark.h) and a topic with its id
// are one log: the directory goes on with the topic.
// `clock` is the embedded log's and must outlive it.
Result<OpenedLog> OpenLog(const std::string& directory, const LogChoice& choice, const Clock& clock,
                          const std::function<void(const std::string&)>& diagnostics);

// The topic that such a directory remembers; nullopt: none.
struct RememberedTopic {
  Uuid log_id;
  LogAddress address;
};
Result<std::optional<RememberedTopic>> ReadRememberedTopic(const std::string& directory);

// Removes it: what else is in the directory counts then. REQUIRES: the lock is held.
Status ForgetTopic(const std::string& directory);

}  // namespace conntrail
