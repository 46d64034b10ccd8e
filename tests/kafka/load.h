#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "events/log/kafka/kafka_log.h"

namespace conntrail {

// Appends of several gateways, and what each was told about them.
class Load {
 public:
  Load(const KafkaSettings& settings, int gateways);
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void Stop();
  size_t acknowledged();

  // Waits until so many more were acknowledged; false if that takes too long.
  bool AwaitMore(size_t count, std::chrono::seconds wait_max);

  // REQUIRES: stopped. That `texts`, the whole log, is what the gateways were told; prints a
  // summary.
  void ExpectIn(const std::vector<std::string>& texts);

 private:
  void Run(size_t gateway);

  std::vector<std::unique_ptr<KafkaLog>> logs_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_{false};

  std::mutex mutex_;
  // Guarded by mutex_:
  std::map<std::string, Offset> acknowledged_;
  std::vector<std::string> unknown_;
  std::vector<std::string> not_sent_;
};

}  // namespace conntrail
