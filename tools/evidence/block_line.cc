#include "tools/evidence/block_line.h"

namespace conntrail::evidence {
namespace {

constexpr uint64_t kAheadOfEach = 3;

}  // namespace

BlockLine::BlockLine(ExportSource& source, const BlockRange& range, bool deflate, unsigned threads)
    : source_(source),
      range_(range),
      deflate_(deflate),
      blocks_((range.size + kBlockLeaves - 1) / kBlockLeaves),
      ahead_max_(kAheadOfEach * threads) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { Work(std::move(stop)); });
  }
}

BlockLine::~BlockLine() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

std::optional<uint64_t> BlockLine::Claim(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop,
                [this] { return claimed_ == blocks_ || claimed_ < taken_ + ahead_max_; });
  if (stop.stop_requested() || claimed_ == blocks_) return std::nullopt;
  return claimed_++;
}

void BlockLine::Work(std::stop_token stop) {
  const Result<std::unique_ptr<ExportReader>> reader = source_.NewReader();
  while (const std::optional<uint64_t> number = Claim(stop)) {
    Result<ExportBlock> block = reader.ok() ? MakeBlock(**reader, range_, *number, deflate_)
                                            : Result<ExportBlock>(reader.status());
    const std::lock_guard lock(mutex_);
    done_.emplace(*number, std::move(block));
    changed_.notify_all();
  }
}

Result<std::optional<ExportBlock>> BlockLine::Next() {
  std::unique_lock lock(mutex_);
  if (taken_ == blocks_) return std::optional<ExportBlock>();
  changed_.wait(lock, [this] { return done_.contains(taken_); });
  Result<ExportBlock> block = std::move(done_.extract(taken_).mapped());
  ++taken_;
  changed_.notify_all();
  if (!block.ok()) return block.status();
  return std::optional(*std::move(block));
}

}  // namespace conntrail::evidence
