#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "events/base/result.h"
#include "events/base/strong_id.h"
#include "events/log/kafka/kafka_settings.h"

namespace conntrail {

class KafkaClient;

// Membership in a consumer group of the topic, which spreads the partitions over its members and
// moves them when one comes or goes. Nothing is consumed by it: what a member does with a partition
// is its own affair, and two may hold one for a moment.
//
// A member is known to the others by a name, its client.id: how it can be reached.
class KafkaGroup {
 public:
  struct Options {
    std::string group;
    std::string name;                              // printable ASCII, without spaces
    std::chrono::milliseconds session_max{6'000};  // a member that is not heard for so long is out
    // Called by one thread, the group's own, whenever the assignment has changed: all partitions
    // that are this member's now, in ascending order.
    std::function<void(std::vector<PartitionId>)> assigned;
  };

  // Joins; the first assignment comes later. kInvalidArgument: librdkafka refuses a setting. Does
  // not wait for a broker.
  static Result<std::unique_ptr<KafkaGroup>> Join(const KafkaSettings& settings, Options options);

  // Leaves, so that the others get its partitions at once; a second at most.
  ~KafkaGroup();

  // The names of all members. kUnavailable: the brokers do not answer.
  Result<std::vector<std::string>> Members() const;

 private:
  explicit KafkaGroup(const KafkaSettings& settings, Options options);
  Status Start();
  void Run(const std::stop_token& stop);

  class Assignment;
  const KafkaSettings settings_;
  const Options options_;
  std::unique_ptr<Assignment> assignment_;
  std::unique_ptr<KafkaClient> client_;
  std::jthread thread_;
};

}  // namespace conntrail
