#include "projections/log_choice.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include <fmt/format.h>

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

struct Remembered {
  Uuid log_id;
  LogAddress address;
};

std::string ToText(const Remembered& log) {
  return fmt::format("{}\n{}\n{}\n", kHead, log.log_id.ToString(), log.address.ToString());
}

Result<std::optional<Remembered>> ReadRemembered(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<Remembered>();
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
  return std::optional(Remembered{*log_id, *parsed});
}

// A process that folds without publishing would leave a hole, so the directory remembers it.
Status OpenOutcomes(const std::string& directory, const LogChoice& choice,
                    const KafkaSettings& settings, OpenedLog& opened) {
  const fs::path path = fs::path(directory) / kOutcomesFile;
  std::error_code error;
  const bool were_published = fs::exists(path, error);
  const bool are_published = choice.outcomes.empty() ? were_published : choice.outcomes == "true";
  if (!are_published) {
    fs::remove(path, error);
    return error ? Status::Io(path.string() + ": cannot remove: " + error.message()) : Status::Ok();
  }
  CONNTRAIL_ASSIGN_OR_RETURN(opened.outcomes,
                             OutcomesTopic::Open(settings, opened.log->partition_count()));
  opened.outcomes_begin = !were_published;
  if (were_published) return Status::Ok();
  return PublishFile(directory, kOutcomesFile, AsBytes(kOutcomesText), nullptr).status();
}

Result<OpenedLog> OpenKafka(const std::string& directory, const LogChoice& choice,
                            const LogAddress& address, const std::optional<Remembered>& remembered,
                            const std::function<void(const std::string&)>& diagnostics) {
  OpenedLog opened;
  CONNTRAIL_ASSIGN_OR_RETURN(opened.lock, LockLogDirectory(directory));
  LogChoice chosen = choice;
  chosen.log = address.ToString();
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings, KafkaSettingsOf(chosen));
  if (diagnostics) settings.diagnostics = diagnostics;
  CONNTRAIL_ASSIGN_OR_RETURN(opened.log, KafkaLog::Open(settings));
  const Remembered now{opened.log->log_id(), address};
  if (remembered && remembered->log_id != now.log_id) {
    return Status::FailedPrecondition(fmt::format(
        "{} belongs to the log {} at {}, and at {} is the log {}; use that log, or another data "
        "directory",
        directory, remembered->log_id.ToString(), remembered->address.ToString(),
        address.ToString(), now.log_id.ToString()));
  }
  if (!remembered || remembered->address != address) {
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
  CONNTRAIL_ASSIGN_OR_RETURN(settings.accepted, ParseAccepted(choice.unsafe));
  return settings;
}

Result<OpenedLog> OpenLog(const std::string& directory, const LogChoice& choice, const Clock& clock,
                          const std::function<void(const std::string&)>& diagnostics) {
  std::optional<LogAddress> asked;
  if (!choice.log.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(asked, ParseLogAddress(choice.log));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const auto remembered, ReadRemembered(fs::path(directory) / kFile));
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
    CONNTRAIL_ASSIGN_OR_RETURN(
        opened.log, EmbeddedLog::Open(directory, {.clock = &clock, .diagnostics = diagnostics}));
    return opened;
  }
  std::error_code error;
  if (!remembered && fs::exists(fs::path(directory) / "log.id", error)) {
    return Status::FailedPrecondition(
        fmt::format("{} is an embedded log; {} would be another one. Use another data directory",
                    directory, asked->ToString()));
  }
  return OpenKafka(directory, choice, *asked, remembered, diagnostics);
}

}  // namespace conntrail
