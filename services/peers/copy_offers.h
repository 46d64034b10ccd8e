#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "projections/projection.h"
#include "services/http/message.h"

namespace conntrail {

// Where a node hands out copies of what it projects (projections/projection_copy.h), to peers only:
//
//   GET PREFIX/3                     the manifest of a copy of partition 3; 202 while it is made
//   GET PREFIX/3/COPY/FILE?from=N    bytes of a file of it from there on, one piece at most; COPY
//                                    is the manifest's SHA-256. 404: there is no such copy any more
inline constexpr std::string_view kCopyPath = "/internal/v1/copies/{partition}";
inline constexpr std::string_view kCopyFilePath = "/internal/v1/copies/{partition}/{copy}/{file}";
inline constexpr size_t kCopyPieceBytes = size_t{16} << 20;

// Makes the copies that peers ask for, one for all who ask at about the same time, in a directory
// of its own that is removed at the end and whenever nobody has asked for a while. A thread of its
// own makes them; nothing else may be in the directory.
//
// Thread-safety: all of it belongs to the thread of `io`.
class CopyOffers {
 public:
  struct Options {
    std::filesystem::path directory;
    std::chrono::milliseconds kept{std::chrono::minutes(3)};  // without being asked for
    std::function<void(const std::string&)> diagnostics = [](const std::string&) {};
  };

  CopyOffers(boost::asio::io_context& io, Options options);
  ~CopyOffers();  // REQUIRES: `io` is not run any more

  // The answer at kCopyPath. `projection` is kept until the copy is made.
  http::Response Offer(std::shared_ptr<Projection> projection);
  // The answer at kCopyFilePath, to whoever was offered `copy`. Nothing but what is in a manifest
  // is ever opened.
  http::Response Piece(PartitionId partition, std::string_view copy, std::string_view file,
                       uint64_t from);

 private:
  struct Copy;
  struct Job {
    std::shared_ptr<Projection> projection;
    std::shared_ptr<Copy> copy;
  };
  void Run(const std::stop_token& stop);
  void TakeMade(const std::shared_ptr<Copy>& copy, const Result<CopyManifest>& made);
  void KeepFor(PartitionId partition, Copy& copy);

  boost::asio::io_context& io_;
  const Options options_;
  std::map<PartitionId, std::shared_ptr<Copy>> copies_;
  uint64_t made_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace conntrail
