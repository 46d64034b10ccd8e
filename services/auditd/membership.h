#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "events/log/kafka/kafka_group.h"
#include "services/peers/peers.h"

namespace conntrail {

// This node's part in the group that spreads partitions over nodes: tells what is assigned to it,
// and keeps the peers' URLs, which are the names of the group's members.
class Membership {
 public:
  // `io` and `peers`, which is told on its thread, must outlive it.
  Membership(boost::asio::io_context& io, Peers& peers, KafkaSettings settings,
             KafkaGroup::Options options);
  ~Membership();  // leaves, and waits for that

  // Leaves the group, so that others take over. Does not wait.
  void Leave() { thread_.request_stop(); }

 private:
  void Run(const std::stop_token& stop);

  boost::asio::io_context& io_;
  Peers& peers_;
  const KafkaSettings settings_;
  const KafkaGroup::Options options_;
  std::jthread thread_;
};

}  // namespace conntrail
