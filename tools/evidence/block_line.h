#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tools/evidence/export_block.h"

namespace conntrail::evidence {

// Makes blocks on some threads and gives them in their order. No more than a few for each thread
// wait to be taken.
class BlockLine {
 public:
  // `source` must outlive it.
  BlockLine(ExportSource& source, const BlockRange& range, bool deflate, unsigned threads);
  ~BlockLine();
  BlockLine(const BlockLine&) = delete;
  BlockLine& operator=(const BlockLine&) = delete;

  // The next block; nullopt: that was all.
  Result<std::optional<ExportBlock>> Next();

 private:
  void Work(std::stop_token stop);
  // Which block a thread makes next; nullopt: none any more.
  std::optional<uint64_t> Claim(const std::stop_token& stop);

  ExportSource& source_;
  const BlockRange range_;
  const bool deflate_;
  const uint64_t blocks_;
  const uint64_t ahead_max_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t claimed_ = 0;
  uint64_t taken_ = 0;
  std::map<uint64_t, Result<ExportBlock>> done_;
  std::vector<std::jthread> threads_;
};

}  // namespace conntrail::evidence
