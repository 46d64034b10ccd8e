#include "projections/replay/replay_course.h"

#include <algorithm>
#include <thread>

namespace conntrail {

ReplayCourse::ReplayCourse(uint64_t end, uint64_t records_per_second_max, Watch watch)
    : records_per_second_max_(records_per_second_max), watch_(std::move(watch)) {
  progress_.end = end;
}

bool ReplayCourse::Tell() {
  if (watch_ && !watch_(progress_)) stopped_ = true;
  return !stopped_;
}

void ReplayCourse::Skip(uint64_t records) {
  const std::lock_guard lock(mutex_);
  progress_.records += records;
}

void ReplayCourse::set_seal(uint64_t number) {
  const std::lock_guard lock(mutex_);
  progress_.seal = number;
}

bool ReplayCourse::Pass(uint64_t records, uint64_t bytes) {
  std::chrono::duration<double> early{0};
  {
    const std::lock_guard lock(mutex_);
    progress_.records += records;
    progress_.bytes += bytes;
    passed_ += records;
    (void)Tell();
    if (records_per_second_max_ > 0) {
      const std::chrono::duration<double> due{static_cast<double>(passed_) /
                                              static_cast<double>(records_per_second_max_)};
      early = due - (std::chrono::steady_clock::now() - begin_);
    }
  }
  // In short steps, so that a stop need not wait.
  constexpr std::chrono::duration<double> kStep{0.05};
  while (early.count() > 0 && !stopped_) {
    std::this_thread::sleep_for(std::min(early, kStep));
    early -= kStep;
    const std::lock_guard lock(mutex_);
    (void)Tell();
  }
  return !stopped_;
}

}  // namespace conntrail
