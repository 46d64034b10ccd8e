#pragma once

#include <atomic>

#include "events/base/clock.h"

namespace conntrail {

inline constexpr UnixMs kSecondMs = 1000;
inline constexpr UnixMs kHourMs = 3600 * kSecondMs;
// 2024-05-01T12:00:00Z, when tests begin.
inline constexpr UnixMs kNoonMs = 1'714'564'800'000;

// A clock that stands still until it is set.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMs now_ms = kNoonMs) : now_ms_(now_ms) {}

  UnixMs Now() const override { return now_ms_; }
  void Set(UnixMs now_ms) { now_ms_ = now_ms; }
  void Pass(UnixMs ms) { now_ms_ += ms; }

 private:
  std::atomic<UnixMs> now_ms_;
};

}  // namespace conntrail
