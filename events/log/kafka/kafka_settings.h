#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "events/base/clock.h"
#include "events/base/result.h"
#include "events/log/log_address.h"

namespace conntrail {

// Properties of librdkafka by name: security.protocol, sasl.username, ssl.ca.location, ...
using KafkaProperties = std::map<std::string, std::string>;

// How to reach a topic, and how long to wait for it.
struct KafkaSettings {
  LogAddress address;
  KafkaProperties properties;
  std::set<std::string> accepted;  // names of findings (kafka_findings.h) that are no obstacle; or
                                   // "all"

  // Each record gets the headers of kafka_headers.h; costs 3.8 µs CPU an append
  // (kafka_rebuild_bench), and bytes of the topic.
  bool writes_headers = false;
  // A record whose fate is not good takes those with it that were appended after it and are not yet
  // acknowledged: none of one producer overtakes another. Else later ones may still get through.
  bool keeps_order = false;

  std::chrono::milliseconds append_wait{10'000};   // until the fate of an append counts as unknown
  std::chrono::milliseconds request_wait{10'000};  // for one answer of the brokers
  std::chrono::milliseconds check_every{10'000};   // that this is still the same, sound topic; 0:
                                                   // only at the start
  std::chrono::milliseconds clock_difference_max{5 * 60'000};

  const Clock* clock = &Clock::System();  // must outlive the log
  std::function<void(const std::string&)> diagnostics = [](const std::string&) {};  // any thread
};

// Reads lines NAME=VALUE; empty lines and lines that begin with # do not count. kInvalidArgument
// names the line that is wrong, or the property that is not for others to set: what the promises of
// the log rest on.
Result<KafkaProperties> ReadKafkaProperties(const std::string& path);

// "a,b" as a set. kInvalidArgument if one of them is no name of a finding.
Result<std::set<std::string>> ParseAccepted(const std::string& text);

}  // namespace conntrail
