#include "tools/conntrail/progress.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "tools/conntrail/output/style.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kQuietAtFirst{1000};  // what is done sooner needs no bar
constexpr milliseconds kRedraw{200};
constexpr seconds kLine{10};
constexpr size_t kBarWidth = 20;

void WriteError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string Bar(uint64_t next, uint64_t end) {
  const double share = end == 0 ? 1 : static_cast<double>(next) / static_cast<double>(end);
  const size_t full = static_cast<size_t>(share * kBarWidth);
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, ' ') + "]";
}

}  // namespace

std::string DescribeSeconds(double value) {
  const uint64_t whole = value < 0 ? 0 : static_cast<uint64_t>(value + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string DescribeProgress(uint64_t first, uint64_t next, uint64_t end, double elapsed,
                             std::string_view unit) {
  const uint64_t percent = end == 0 ? 100 : next * 100 / end;
  const double rate = elapsed > 0 ? static_cast<double>(next - first) / elapsed : 0;
  std::string text = fmt::format("{} %  {} of {} {}", percent, next, end, unit);
  if (rate > 0) {
    text += fmt::format("  {:.0f}/s  {} left", rate,
                        DescribeSeconds(static_cast<double>(end - next) / rate));
  }
  return text;
}

Progress::Progress(std::string doing, bool quiet, std::string unit)
    : doing_(std::move(doing)),
      unit_(std::move(unit)),
      quiet_(quiet),
      terminal_(IsTerminal(STDERR_FILENO)) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void Progress::Update(uint64_t next, uint64_t end) {
  if (!begun_) first_ = next;
  begun_ = true;
  next_ = next;
  const Clock::time_point now = Clock::now();
  if (quiet_ || next > end) return;
  std::string text = doing_ + ": " + DescribeProgress(first_, next, end, seconds(), unit_);
  if (!detail_.empty()) text += "  " + detail_;
  if (terminal_ && now - begin_ >= kQuietAtFirst && now - shown_ >= kRedraw) {
    WriteError("\r\x1b[K" + Bar(next, end) + " " + text);
    drawn_ = true;
    shown_ = now;
  } else if (!terminal_ && now - shown_ >= kLine) {
    WriteError("conntrail: " + text + "\n");
    shown_ = now;
  }
}

void Progress::Finish() {
  if (drawn_) WriteError("\r\x1b[K");
  drawn_ = false;
}

}  // namespace conntrail
