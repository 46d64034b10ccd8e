#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace conntrail {

// A topic as its brokers describe it.
struct KafkaTopic {
  struct Partition {
    int32_t leader = -1;  // -1: none
    size_t replicas = 0;
    size_t in_sync = 0;
    int64_t begin = 0;  // Kafka offset of the first record that is still there
    int64_t end = 0;    // Kafka offset that the next record gets
  };
  std::string cluster_id;
  size_t brokers = 0;
  std::vector<Partition> partitions;
  std::map<std::string, std::string, std::less<>> settings;  // of the topic, with defaults
  std::set<std::string, std::less<>> own;                    // those that are the topic's alone
};

// Something about a topic that a log must not have.
struct KafkaFinding {
  std::string name;  // what --unsafe accepts; kUnfinishedCopy it does not
  std::string text;  // what is, what should be, and how to get there; one line

  bool operator==(const KafkaFinding&) const = default;
};

// What speaks against `topic` as a log, worst first. Pure.
std::vector<KafkaFinding> FindingsIn(const KafkaTopic& topic, std::string_view name);

// A topic that a copy of a log is being made in: only who copies may accept that, by this name.
inline constexpr const char* kUnfinishedCopy = "unfinished-copy";

// Without what is accepted; "all" is all but kUnfinishedCopy.
std::vector<KafkaFinding> Unaccepted(std::vector<KafkaFinding> findings,
                                     const std::set<std::string>& accepted);

// All texts in one line.
std::string TextOf(const std::vector<KafkaFinding>& findings);

// That people may accept.
bool IsFindingName(std::string_view name);
std::string FindingNames();  // "a, b, c"

// The settings that `conntrail kafka init` gives a topic of so many replicas.
std::map<std::string, std::string> SettingsForLog(size_t replicas);

// While a log is copied into it: records keep the times that they are given, and this shows. One
// file holds records of any age.
std::map<std::string, std::string> SettingsForCopy(size_t replicas);

}  // namespace conntrail
