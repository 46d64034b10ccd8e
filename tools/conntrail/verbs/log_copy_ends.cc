#include "tools/conntrail/verbs/log_copy_ends.h"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "events/log/closed_mark.h"
#include "events/log/directory_copy.h"
#include "events/log/embedded_log.h"
#include "events/log/kafka/kafka_copy.h"
#include "events/log/kafka/kafka_log.h"
#include "events/log/log_directory.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

std::string LogOf(const std::string& data) { return (fs::path(data) / "log").string(); }

// How other machines would have to call it as well.
std::string Absolute(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(path, error);
  return error ? path : absolute.string();
}

Result<KafkaSettings> TopicSettings(Session& session, const std::string& address,
                                    const std::string& properties) {
  LogChoice choice = session.settings().log;
  choice.log = address;
  if (!properties.empty()) choice.kafka_properties = properties;
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings, KafkaSettingsOf(choice));
  settings.diagnostics = [&session](const std::string& text) { session.Note(text); };
  return settings;
}

Status CheckPlaces(Session& session, const CopyPlaces& places) {
  if (places.to.empty() == places.to_data.empty()) {
    return Status::InvalidArgument(
        "where to? either --to kafka:HOST:PORT,.../TOPIC or --to-data DIR");
  }
  if (!places.from.empty() && !session.settings().source.data.empty()) {
    return Status::InvalidArgument("--from and --data exclude each other: one log is copied");
  }
  if (!places.from.empty() && places.from == places.to) {
    return Status::InvalidArgument("--from and --to are the same topic");
  }
  return Status::Ok();
}

// The topic that the directory remembers, or `is_target` and a copy of it was cut off at the very
// last step.
Result<std::optional<RememberedTopic>> TopicOf(const std::string& log, bool is_target) {
  CONNTRAIL_ASSIGN_OR_RETURN(auto topic, ReadRememberedTopic(log));
  if (topic || !is_target) return topic;
  CONNTRAIL_ASSIGN_OR_RETURN(const auto closed, ReadClosedMark(log));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto log_id, ReadLogId(log));
  if (!log_id || !closed || closed->why != ClosedMark::Why::kUnfinished) return topic;
  const auto address = ParseLogAddress(closed->place);
  if (address.ok() && address->is_kafka()) topic = RememberedTopic{*log_id, *address};
  return topic;
}

Result<CopySource> OpenDirectory(Session& session, const CopyPlaces& places) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string data, session.DirectoryPath());
  CopySource source{Absolute(data), "", {}};
  if (!fs::exists(fs::path(data) / "FORMAT")) {
    return Status::NotFound(data + " is not a data directory; nothing was copied");
  }
  const bool is_target = !places.to_data.empty() && source.place == Absolute(places.to_data);
  CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, TopicOf(LogOf(data), is_target));
  if (is_target && !topic) {
    return Status::InvalidArgument("--data and --to-data are the same directory");
  }
  if (topic) {
    // Without the directory's lock: the copy may be for this very directory.
    CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings,
                               TopicSettings(session, topic->address.ToString(), ""));
    source.place = topic->address.ToString();
    CONNTRAIL_ASSIGN_OR_RETURN(source.opened.log, KafkaLog::Open(std::move(settings)));
    if (source.opened.log->log_id() == topic->log_id) return source;
    return Status::FailedPrecondition(fmt::format("{} belongs to the log {}, and at {} is {}", data,
                                                  topic->log_id.ToString(), source.place,
                                                  source.opened.log->log_id().ToString()));
  }
  source.directory = LogOf(source.place);
  CONNTRAIL_ASSIGN_OR_RETURN(const auto closed, ReadClosedMark(source.directory));
  if (closed && closed->why == ClosedMark::Why::kUnfinished) {
    return RefusalOf(source.directory, *closed);
  }
  EmbeddedLogOptions options;
  options.opens_closed = true;
  options.diagnostics = [&session](const std::string& text) { session.Note(text); };
  CONNTRAIL_ASSIGN_OR_RETURN(source.opened.log, EmbeddedLog::Open(source.directory, options));
  return source;
}

}  // namespace

Result<CopySource> OpenCopySource(Session& session, const CopyPlaces& places) {
  CONNTRAIL_RETURN_IF_ERROR(CheckPlaces(session, places));
  if (places.from.empty()) return OpenDirectory(session, places);
  CopySource source{places.from, "", {}};
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings,
                             TopicSettings(session, places.from, places.from_properties));
  CONNTRAIL_ASSIGN_OR_RETURN(source.opened.log, KafkaLog::Open(std::move(settings)));
  return source;
}

Result<CopyEnd> BeginCopy(Session& session, const CopyPlaces& places, const CopySource& source) {
  EventLog& log = *source.opened.log;
  if (!places.to.empty()) {
    CopyEnd end{places.to, "", nullptr};
    CONNTRAIL_ASSIGN_OR_RETURN(const KafkaSettings settings, TopicSettings(session, places.to, ""));
    CONNTRAIL_ASSIGN_OR_RETURN(end.target, BeginCopyToTopic(settings, log, places.replicas));
    return end;
  }
  CopyEnd end{Absolute(places.to_data), LogOf(Absolute(places.to_data)), nullptr};
  CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, ReadRememberedTopic(end.directory));
  if (topic && topic->log_id != log.log_id()) {
    return Status::FailedPrecondition(fmt::format("{} belongs to the log {} at {}; choose another",
                                                  places.to_data, topic->log_id.ToString(),
                                                  topic->address.ToString()));
  }
  CONNTRAIL_RETURN_IF_ERROR(DataDirectory::Make(end.place));
  CONNTRAIL_ASSIGN_OR_RETURN(end.target, BeginCopyToDirectory(end.directory, log, source.place));
  return end;
}

Status OpenUp(CopyEnd& end) {
  // While both are there the topic counts, and without either the mark refuses.
  if (!end.directory.empty()) CONNTRAIL_RETURN_IF_ERROR(ForgetTopic(end.directory));
  return end.target->OpenUp();
}

}  // namespace conntrail
