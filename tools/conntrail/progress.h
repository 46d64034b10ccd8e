#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace conntrail {

// Tells people how far a long piece of work has come, on standard error.
//
// On a terminal: a line that is drawn again, with a bar, a rate and the time that is left, once the
// work has taken a second. Elsewhere: a line every ten seconds. Quiet: nothing. Not thread-safe.
class Progress {
 public:
  Progress(std::string doing, bool quiet, std::string unit = "records");
  ~Progress() { Finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `next` of `end` records are done. Cheap enough for every batch.
  void Update(uint64_t next, uint64_t end);

  // Stands behind what Update shows, from the next one on.
  void set_detail(std::string detail) { detail_ = std::move(detail); }

  // Removes the line from a terminal.
  void Finish();

  // Records done since the first Update, and the time that took.
  uint64_t records() const { return next_ - first_; }
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  const std::string doing_;
  const std::string unit_;
  std::string detail_;
  const bool quiet_;
  const bool terminal_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_ = begin_;
  bool drawn_ = false;
  bool begun_ = false;
  uint64_t first_ = 0;
  uint64_t next_ = 0;
};

// "42 %  1234567 of 2900000 records  181000/s  9 s left": `done` of the records were done in
// `seconds`, of which the work began at `first`.
std::string DescribeProgress(uint64_t first, uint64_t next, uint64_t end, double seconds,
                             std::string_view unit);

// "9 s", "3 min 5 s", "2 h 10 min".
std::string DescribeSeconds(double seconds);

}  // namespace conntrail
