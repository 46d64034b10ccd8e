#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace conntrail::bench {

// CPU seconds of this process, all threads, user and system.
inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

inline double WallSeconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

// Wall and CPU time since it was made.
class Stopwatch {
 public:
  double wall() const { return WallSeconds() - wall_; }
  double cpu() const { return CpuSeconds() - cpu_; }

 private:
  double wall_ = WallSeconds();
  double cpu_ = CpuSeconds();
};

// Resident memory of this process in MiB, at its highest since the last ResetPeak.
inline double PeakMiB() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib / 1024;
}
inline void ResetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

// Runs `ask` `times` times and returns the p-th percentile of its duration in microseconds.
struct Latencies {
  std::vector<double> us;
  double Percentile(double p) const {
    return us[static_cast<size_t>(p / 100 * static_cast<double>(us.size() - 1))];
  }
};
template <typename Ask>
Latencies Measure(int times, Ask ask) {
  Latencies latencies;
  for (int i = 0; i < times; ++i) {
    const auto before = std::chrono::steady_clock::now();
    ask(i);
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - before;
    latencies.us.push_back(took.count());
  }
  std::sort(latencies.us.begin(), latencies.us.end());
  return latencies;
}

// Runs `path` in a process to itself: what one leaves behind in memory would be the other's gain.
inline void InAProcessOfItsOwn(const std::function<void()>& path) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    path();
    std::fflush(nullptr);
    std::_Exit(0);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) std::exit(1);
}

}  // namespace conntrail::bench
