#include "tools/conntrail/verbs/kafka_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/json_writer.h"

namespace conntrail {
namespace {

// What a log depends on, and what is good to know beside it.
constexpr const char* kSettings[] = {
    "cleanup.policy",  "max.message.bytes", "message.timestamp.type",        "min.insync.replicas",
    "retention.bytes", "retention.ms",      "unclean.leader.election.enable"};

std::string SettingOf(const KafkaTopic& topic, const char* name) {
  const auto found = topic.settings.find(name);
  return found == topic.settings.end() ? "" : found->second;
}

bool IsAccepted(const KafkaFinding& finding, const std::set<std::string>& accepted) {
  return Unaccepted({finding}, accepted).empty();
}

std::string PartitionText(const KafkaTopic::Partition& partition, const std::optional<Uuid>& log_id,
                          const KafkaReport& report) {
  const int64_t records = std::max<int64_t>(partition.end - partition.begin - 1, 0);
  return fmt::format("{} records, {} of {} replicas in sync, leader {}{}", records,
                     partition.in_sync, partition.replicas, partition.leader,
                     log_id && log_id == report.log_id ? "" : ", not of this log");
}

void PartitionsToJson(JsonWriter& out, const KafkaReport& report) {
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  out.Name("partitions");
  out.BeginArray();
  for (size_t p = 0; p < report.topic->partitions.size(); ++p) {
    const KafkaTopic::Partition& partition = report.topic->partitions[p];
    out.BeginObject();
    number("begin", static_cast<uint64_t>(partition.begin));
    number("end", static_cast<uint64_t>(partition.end));
    number("in_sync", partition.in_sync);
    if (report.partition_log_ids[p]) {
      out.Name("log_id");
      out.Text(report.partition_log_ids[p]->ToString());
    }
    number("replicas", partition.replicas);
    out.EndObject();
  }
  out.EndArray();
}

void FindingsToJson(JsonWriter& out, const KafkaSettings& settings, const KafkaReport& report) {
  out.Name("findings");
  out.BeginArray();
  for (const KafkaFinding& finding : report.findings) {
    out.BeginObject();
    out.Name("accepted");
    out.Bool(IsAccepted(finding, settings.accepted));
    out.Name("name");
    out.Text(finding.name);
    out.Name("text");
    out.Text(finding.text);
    out.EndObject();
  }
  out.EndArray();
}

// REQUIRES: there is a topic.
std::string ToJson(const KafkaSettings& settings, const KafkaReport& report) {
  JsonWriter out;
  out.BeginObject();
  out.Name("brokers");
  out.Uint(report.topic->brokers);
  out.Name("cluster_id");
  out.Text(report.topic->cluster_id);
  FindingsToJson(out, settings, report);
  out.Name("log");
  out.Text(settings.address.ToString());
  if (report.log_id) {
    out.Name("log_id");
    out.Text(report.log_id->ToString());
  }
  out.Name("made");
  out.Bool(report.was_made);
  PartitionsToJson(out, report);
  out.Name("settings");
  out.BeginObject();
  for (const char* name : kSettings) {
    out.Name(name);
    out.Text(SettingOf(*report.topic, name));
  }
  out.EndObject();
  out.EndObject();
  return out.Take();
}

}  // namespace

Result<KafkaSettings> TopicAskedFor(const Session& session) {
  if (session.settings().log.log.empty()) {
    return Status::InvalidArgument("which topic? --log kafka:HOST:PORT,.../TOPIC says it");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(KafkaSettings settings, KafkaSettingsOf(session.settings().log));
  settings.diagnostics = [](const std::string&) {};  // what matters comes back as a Status
  return settings;
}

void WriteReport(Session& session, const KafkaSettings& settings, const KafkaReport& report) {
  std::vector<std::vector<Cell>> lines;
  lines.push_back({"log", settings.address.ToString()});
  lines.push_back({"log id", report.log_id
                                 ? Cell(report.log_id->ToString())
                                 : Cell("none: conntrail kafka init makes it", Shade::kBad)});
  const KafkaTopic& topic = *report.topic;
  lines.push_back({"cluster", fmt::format("{}, brokers: {}", topic.cluster_id, topic.brokers)});
  for (size_t p = 0; p < topic.partitions.size(); ++p) {
    lines.push_back({fmt::format("partition {}", p),
                     PartitionText(topic.partitions[p], report.partition_log_ids[p], report)});
  }
  for (const char* name : kSettings) lines.push_back({name, SettingOf(topic, name)});
  for (const KafkaFinding& finding : report.findings) {
    const bool accepted = IsAccepted(finding, settings.accepted);
    lines.push_back({finding.name, Cell(finding.text + (accepted ? " (accepted)" : ""),
                                        accepted ? Shade::kPlain : Shade::kBad)});
  }
  if (report.findings.empty()) lines.push_back({"findings", Cell("none", Shade::kGood)});
  WriteDocument(session.sink(), session.style(), lines, ToJson(settings, report));
}

}  // namespace conntrail
