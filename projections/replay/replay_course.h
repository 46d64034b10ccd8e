#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "events/base/strong_id.h"

namespace conntrail {

// How far a replay of several partitions has come.
struct ReplayProgress {
  uint64_t records = 0;          // done, of all partitions
  uint64_t end = 0;              // of those there are
  uint64_t bytes = 0;            // of records that were read
  std::optional<uint64_t> seal;  // that was compared last, in whichever partition
};

// What threads that replay partitions share: how far they are, how fast they may be, whether they
// are to stop. Thread-safe.
class ReplayCourse {
 public:
  // `watch` may be null; it is called by one thread at a time, and false stops.
  using Watch = std::function<bool(const ReplayProgress&)>;
  ReplayCourse(uint64_t end, uint64_t records_per_second_max, Watch watch);

  // More was done. Waits where that is too fast. False: stop.
  bool Pass(uint64_t records, uint64_t bytes);
  // Was done before, by another run: counts as done, but not for the rate.
  void Skip(uint64_t records);
  void set_seal(uint64_t number);

  bool stopped() const { return stopped_; }

 private:
  bool Tell();

  const uint64_t records_per_second_max_;
  const Watch watch_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  ReplayProgress progress_;
  uint64_t passed_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace conntrail
