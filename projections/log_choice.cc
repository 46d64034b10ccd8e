#include "projections/log_choice.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/log/closed_mark.h"
#include "events/log/embedded_log.h"
#include "events/log/kafka/kafka_log.h"
#include "events/log/log_directory.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "conntrail kafka log 1";
constexpr const char* kFile = "kafka";
constexpr std::string_view kOutcomesText = "conntrail outcomes 1\n";
constexpr const char* kOutcomesFile = "outcomes";

std::string ToText(const RememberedTopic& log) {
  return fmt::format("{}\n{}\n{}\n", kHead, log.log_id.ToString(), log.address.ToString());
}

// What the directory is known to have before anybody is asked: a topic, or an embedded log that
// moved to one.
Result<std::optional<RememberedTopic>> ReadMovedLog(const std::string& directory,
                                                    const LogAddress& asked) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto log_id, ReadLogId(directory));
  if (!log_id) return std::optional<RememberedTopic>();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto closed, ReadClosedMark(directory));
  if (closed && closed->why == ClosedMark::Why::kMoved) {
    const auto place = ParseLogAddress(closed->place);
    return std::optional(RememberedTopic{*log_id, place.ok() ? *place : asked});
  }
  if (closed) return RefusalOf(directory, *closed);
  return Status::FailedPrecondition(
      fmt::format("{} is an embedded log; {} would be another one. Use another data directory, or "
                  "move the log there: conntrail log copy --close-source",
                  directory, asked.ToString()));
}

// Durably; nothing if there is none.
Status Remove(const fs::path& path) {
  std::error_code error;
  if (!fs::remove(path, error)) {
    return error ? Status::Io(fmt::format("{}: cannot remove: {}", path.string(), error.message()))
                 : Status::Ok();
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const File parent,
                             File::Open(path.parent_path().string(), O_RDONLY | O_DIRECTORY));
  return parent.Sync();
}

// A process that folds without publishing would leave a hole, so the directory remembers it.
Status OpenOutcomes(const std::string& directory, const LogChoice& choice,
                    const KafkaSettings& settings, OpenedLog& opened) {
  const fs::path path = fs::path(directory) / kOutcomesFile;
  std::error_code error;
  const bool were_published = fs::exists(path, error);
  const bool are_published = choice.outcomes.empty() ? were_published : choice.outcomes == "true";
  if (!are_published) return Remove(path);
  CONNTRAIL_ASSIGN_OR_RETURN(opened.outcomes,
                             OutcomesTopic::Open(settings, opened.log->partition_count()));
  opened.outcomes_begin = !were_published;
  if (were_published) return Status::Ok();
  return PublishFile(directory, kOutcomesFile, AsBytes(kOutcomesText), nullptr).status();
}

Result<OpenedLog> OpenKafka(const std::string& directory, const LogChoice& choice,
                            const LogAddress& address,
                            const std::optional<RememberedTopic>& remembered,
                            const std::function<void(const std::string&)>& diagnostics) {
  OpenedLog opened;
  CONNTRAIL_ASSIGN_OR_RETURN(opened.lock, LockLogDirectory(directory));
  LogChoice chosen = choice;
  chosen.log = address.ToString();
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings, KafkaSettingsOf(chosen));
  if (diagnostics) settings.diagnostics = diagnostics;
  CONNTRAIL_ASSIGN_OR_RETURN(opened.log, KafkaLog::Open(settings));
  opened.address = address.ToString();
  const RememberedTopic now{opened.log->log_id(), address};
  if (remembered && remembered->log_id != now.log_id) {
    return Status::FailedPrecondition(fmt::format(
        "{} belongs to the log {} at {}, and at {} is the log {}; use that log, or another data "
        "directory",
        directory, remembered->log_id.ToString(), remembered->address.ToString(),
        address.ToString(), now.log_id.ToString()));
  }
  std::error_code error;
  if (!fs::exists(fs::path(directory) / kFile, error) || remembered->address != address) {
    CONNTRAIL_RETURN_IF_ERROR(
        PublishFile(directory, kFile, AsBytes(ToText(now)), nullptr).status());
  }
  CONNTRAIL_RETURN_IF_ERROR(OpenOutcomes(directory, choice, settings, opened));
  return opened;
}

}  // namespace

Result<KafkaSettings> KafkaSettingsOf(const LogChoice& choice) {
  KafkaSettings settings;
  CONNTRAIL_ASSIGN_OR_RETURN(settings.address, ParseLogAddress(choice.log));
  if (!settings.address.is_kafka()) {
    return Status::InvalidArgument("the log is embedded; this is about kafka:HOST:PORT/TOPIC");
  }
  if (!choice.kafka_properties.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(settings.properties, ReadKafkaProperties(choice.kafka_properties));
  }
  settings.writes_headers = choice.kafka_headers;
  CONNTRAIL_ASSIGN_OR_RETURN(settings.accepted, ParseAccepted(choice.unsafe));
  return settings;
}

Result<OpenedLog> OpenLog(const std::string& directory, const LogChoice& choice, const Clock& clock,
                          const std::function<void(const std::string&)>& diagnostics) {
  std::optional<LogAddress> asked;
  if (!choice.log.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(asked, ParseLogAddress(choice.log));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const auto remembered, ReadRememberedTopic(directory));
  if (remembered && asked && !asked->is_kafka()) {
    return Status::FailedPrecondition(fmt::format(
        "{} belongs to the log {} at {}, not to an embedded one; leave --log out, or use another "
        "data directory",
        directory, remembered->log_id.ToString(), remembered->address.ToString()));
  }
  if (remembered && !asked) asked = remembered->address;
  if (!asked || !asked->is_kafka()) {
    if (choice.outcomes == "true") {
      return Status::FailedPrecondition(
          "outcomes are published beside a log on Kafka, and this one is embedded: leave "
          "--outcomes "
          "out, or use --log kafka:HOST:PORT/TOPIC");
    }
    OpenedLog opened;
    opened.address = LogAddress().ToString();
    CONNTRAIL_ASSIGN_OR_RETURN(
        opened.log, EmbeddedLog::Open(directory, {.clock = &clock, .diagnostics = diagnostics}));
    return opened;
  }
  if (remembered) return OpenKafka(directory, choice, *asked, remembered, diagnostics);
  CONNTRAIL_ASSIGN_OR_RETURN(const auto moved, ReadMovedLog(directory, *asked));
  return OpenKafka(directory, choice, *asked, moved, diagnostics);
}

Result<std::optional<RememberedTopic>> ReadRememberedTopic(const std::string& directory) {
  const fs::path path = fs::path(directory) / kFile;
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<RememberedTopic>();
  std::ifstream file(path);
  std::string head, id, address;
  std::getline(file, head);
  std::getline(file, id);
  std::getline(file, address);
  const auto log_id = Uuid::Parse(id);
  const auto parsed = ParseLogAddress(address);
  if (head != kHead || !log_id || !parsed.ok() || !parsed->is_kafka()) {
    return Status::Corruption(path.string() + " does not name a log; restore it from a backup");
  }
  return std::optional(RememberedTopic{*log_id, *parsed});
}

Status ForgetTopic(const std::string& directory) {
  CONNTRAIL_RETURN_IF_ERROR(Remove(fs::path(directory) / kOutcomesFile));
  return Remove(fs::path(directory) / kFile);
}

}  // namespace conntrail
