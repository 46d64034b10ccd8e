#include "events/log/kafka/kafka_outcomes_topic.h"

#include <charconv>

#include <fmt/format.h>

#include "events/log/kafka/kafka_admin.h"

namespace conntrail {
namespace {

// librdkafka gathers up to a million bytes into a batch, and never parts it again.
constexpr uint64_t kMessageBytesMin = 1'048'576;

KafkaSettings SettingsBeside(KafkaSettings settings) {
  settings.address.topic = OutcomesTopicOf(settings.address.topic);
  return settings;
}

std::map<std::string, std::string> SettingsForOutcomes(size_t replicas) {
  // By time of the brokers: by effective time, imported history would be past its retention at
  // once.
  return {{"cleanup.policy", "delete"},
          {"retention.ms", "-1"},
          {"retention.bytes", "-1"},
          {"message.timestamp.type", "LogAppendTime"},
          {"min.insync.replicas", replicas >= 3 ? "2" : "1"}};
}

Status CheckFaults(const KafkaSettings& settings, const KafkaTopic& topic, size_t partitions) {
  const auto faults = FaultsAsOutcomesTopic(topic, partitions);
  if (faults.empty()) return Status::Ok();
  return Status::FailedPrecondition(
      fmt::format("topic {} cannot take outcomes: {}; alter it, or delete it and make it again "
                  "with conntrail kafka init --outcomes",
                  settings.address.topic, fmt::join(faults, "; ")));
}

}  // namespace

std::string OutcomesTopicOf(std::string_view log_topic) {
  return std::string(log_topic) + ".outcomes";
}

std::vector<std::string> FaultsAsOutcomesTopic(const KafkaTopic& topic, size_t partitions) {
  std::vector<std::string> faults;
  if (topic.partitions.size() != partitions) {
    faults.push_back(fmt::format("it has {} partitions, and the log has {}",
                                 topic.partitions.size(), partitions));
  }
  const auto setting = [&](std::string_view name) {
    const auto found = topic.settings.find(name);
    return found == topic.settings.end() ? std::string_view() : std::string_view(found->second);
  };
  if (setting("cleanup.policy") != "delete") {
    faults.push_back(
        fmt::format("cleanup.policy is \"{}\", not \"delete\": compaction would keep "
                    "the last record of an org only",
                    setting("cleanup.policy")));
  }
  uint64_t bytes = 0;
  const std::string_view text = setting("max.message.bytes");
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (bytes < kMessageBytesMin) {
    faults.push_back(
        fmt::format("max.message.bytes is {}, not {} or more", text, kMessageBytesMin));
  }
  return faults;
}

Result<bool> InitOutcomesTopic(const KafkaSettings& settings, const KafkaLogShape& shape) {
  const KafkaSettings beside = SettingsBeside(settings);
  CONNTRAIL_ASSIGN_OR_RETURN(const auto client, KafkaClient::Make(RD_KAFKA_CONSUMER, beside, {}));
  CONNTRAIL_ASSIGN_OR_RETURN(const MadeTopic made, MakeTopic(*client, beside, shape.partitions,
                                                             shape.replicas, SettingsForOutcomes));
  CONNTRAIL_RETURN_IF_ERROR(CheckFaults(beside, made.topic, shape.partitions));
  return made.was_made;
}

Status CheckOutcomesTopic(const KafkaSettings& settings, size_t partitions) {
  const KafkaSettings beside = SettingsBeside(settings);
  CONNTRAIL_ASSIGN_OR_RETURN(const auto client, KafkaClient::Make(RD_KAFKA_CONSUMER, beside, {}));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(*client, beside));
  if (!topic) {
    return Status::NotFound(fmt::format(
        "there is no topic {} at {}; conntrail kafka init --outcomes --log {} --partitions {} "
        "makes it",
        beside.address.topic, beside.address.bootstrap, settings.address.ToString(), partitions));
  }
  return CheckFaults(beside, *topic, partitions);
}

}  // namespace conntrail
