#include "events/log/kafka/kafka_findings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace conntrail {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"deleted-records",  "compaction",  "retention",
                                                    "unclean-election", "replication", "in-sync",
                                                    "append-time"};
// No topic has this for itself but one that a copy is being made in.
constexpr std::pair<const char*, const char*> kCopyMark = {"segment.ms", "9223372036854775807"};
constexpr size_t kReplicasMin = 3;
constexpr int64_t kInSyncMin = 2;

// How to give a topic a setting, for people.
std::string Remedy(std::string_view topic, std::string_view setting) {
  return fmt::format("kafka-configs --alter --topic {} --add-config {}", topic, setting);
}

class Finder {
 public:
  Finder(const KafkaTopic& topic, std::string_view name) : topic_(topic), name_(name) {}

  std::vector<KafkaFinding> Find() {
    const bool is_copy = FindUnfinished();
    FindDeleted();
    Expect("compaction", "cleanup.policy", "delete",
           "compaction removes records, so what was true cannot be shown any more");
    Expect("retention", "retention.ms", "-1", "records will be deleted by their age");
    Expect("retention", "retention.bytes", "-1", "records will be deleted by their size");
    Expect("unclean-election", "unclean.leader.election.enable", "false",
           "a broker that has not all records may become leader and cut acknowledged ones off");
    FindReplication();
    if (!is_copy) {
      Expect("append-time", "message.timestamp.type", "LogAppendTime",
             "record times are then claims of producers");
    }
    return std::move(findings_);
  }

 private:
  void Add(std::string_view finding, std::string text) {
    findings_.push_back({std::string(finding), std::move(text)});
  }

  std::string_view Setting(std::string_view setting) const {
    const auto found = topic_.settings.find(setting);
    return found == topic_.settings.end() ? std::string_view("") : found->second;
  }

  void Expect(std::string_view finding, std::string_view setting, std::string_view expected,
              std::string_view why) {
    const std::string_view is = Setting(setting);
    if (is == expected) return;
    Add(finding, fmt::format("{} is \"{}\", not \"{}\": {}; {}", setting, is, expected, why,
                             Remedy(name_, fmt::format("{}={}", setting, expected))));
  }

  bool FindUnfinished() {
    if (Setting("message.timestamp.type") != "CreateTime" ||
        Setting(kCopyMark.first) != kCopyMark.second) {
      return false;
    }
    Add(kUnfinishedCopy,
        "a log is being copied into this topic, or that was cut off; the conntrail log copy that "
        "began it, run again, finishes it");
    return true;
  }

  void FindDeleted() {
    for (size_t p = 0; p < topic_.partitions.size(); ++p) {
      if (topic_.partitions[p].begin == 0) continue;
      Add("deleted-records",
          fmt::format("partition {} begins at offset {}: the records before it were deleted, and "
                      "no projection can be rebuilt without them; restore the topic",
                      p, topic_.partitions[p].begin));
    }
  }

  void FindReplication() {
    size_t least = topic_.partitions.empty() ? 0 : topic_.partitions.front().replicas;
    for (const KafkaTopic::Partition& p : topic_.partitions) least = std::min(least, p.replicas);
    if (least < kReplicasMin) {
      Add("replication", fmt::format("replicas of a partition are {}, not {}: with its brokers' "
                                     "disks the log is lost; reassign the partitions to more "
                                     "brokers",
                                     least, kReplicasMin));
      return;  // so few cannot promise more
    }
    int64_t in_sync = 0;
    const std::string_view text = Setting("min.insync.replicas");
    std::from_chars(text.data(), text.data() + text.size(), in_sync);
    if (in_sync >= kInSyncMin) return;
    Add("in-sync",
        fmt::format("min.insync.replicas is {}, not {}: a record is acknowledged when one broker "
                    "has it; {}",
                    text, kInSyncMin, Remedy(name_, "min.insync.replicas=2")));
  }

  const KafkaTopic& topic_;
  const std::string_view name_;
  std::vector<KafkaFinding> findings_;
};

}  // namespace

std::vector<KafkaFinding> FindingsIn(const KafkaTopic& topic, std::string_view name) {
  return Finder(topic, name).Find();
}

std::vector<KafkaFinding> Unaccepted(std::vector<KafkaFinding> findings,
                                     const std::set<std::string>& accepted) {
  std::erase_if(findings, [&](const KafkaFinding& f) {
    return accepted.contains(f.name) || (accepted.contains("all") && f.name != kUnfinishedCopy);
  });
  return findings;
}

std::string TextOf(const std::vector<KafkaFinding>& findings) {
  std::string text;
  for (const KafkaFinding& finding : findings) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : " · ", finding.name, finding.text);
  }
  return text;
}

bool IsFindingName(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string FindingNames() { return fmt::format("{}", fmt::join(kNames, ", ")); }

std::map<std::string, std::string> SettingsForLog(size_t replicas) {
  return {{"cleanup.policy", "delete"},
          {"retention.ms", "-1"},
          {"retention.bytes", "-1"},
          {"message.timestamp.type", "LogAppendTime"},
          {"min.insync.replicas", replicas >= kReplicasMin ? "2" : "1"},
          {"unclean.leader.election.enable", "false"}};
}

std::map<std::string, std::string> SettingsForCopy(size_t replicas) {
  auto settings = SettingsForLog(replicas);
  settings["message.timestamp.type"] = "CreateTime";
  settings[kCopyMark.first] = kCopyMark.second;
  return settings;
}

}  // namespace conntrail
