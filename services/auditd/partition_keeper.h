#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "projections/data_directory.h"
#include "services/auth/key_ring.h"
#include "services/gateway/gateways.h"
#include "services/peers/peers.h"

namespace conntrail {

// Sees to it that this node projects and answers for the partitions that it shall: opens one,
// catches up, answers for it; and hands one over that it shall not have any more. That one is
// answered for here until a peer does, and let go once nobody uses it. Flushes the stores now and
// then, which bounds what a crash makes the next start replay.
//
// A partition that two nodes project for a while does no harm: both fold the same log.
//
// Thread-safety: all methods may be called from any thread. It has a thread of its own; from the
// first Want on nobody else may hold or release partitions of the directory.
class PartitionKeeper {
 public:
  struct Parts {
    boost::asio::io_context* io = nullptr;
    DataDirectory* directory = nullptr;
    KeyRing* ring = nullptr;
    Gateways* gateways = nullptr;
    Peers* peers = nullptr;  // null: there are none
    // On the keeper's thread: a gateway of a partition whose keys are in the ring.
    std::function<std::unique_ptr<Gateway>(PartitionId, std::shared_ptr<Projection>)> make_gateway;
    // On the thread of `io`: how many requests are answered from the partition; and that nothing of
    // it may be kept from now on.
    std::function<size_t(PartitionId)> in_use;
    std::function<void(PartitionId)> let_go;
    std::function<void(const std::string&)> diagnostics;
  };

  // Takes over what the directory holds and `gateways` has, which are the same.
  explicit PartitionKeeper(Parts parts);
  ~PartitionKeeper();  // what is held stays so. REQUIRES: `io` is not run any more

  // From now on these, in any order.
  void Want(const std::vector<PartitionId>& partitions);

  // "" once it is known what is wanted and all of that is answered for; else what is missing.
  std::string missing() const;

 private:
  void Run(const std::stop_token& stop);
  void Take(const std::stop_token& stop, PartitionId partition);
  Status CatchUp(const std::stop_token& stop, Projection& projection);
  void Leave(const std::stop_token& stop, PartitionId partition);
  void LetGo(const std::stop_token& stop, PartitionId partition);
  void Flush();
  // Runs `work` on the thread of `io`, and waits for its end. False: it is time to stop.
  bool OnIo(const std::stop_token& stop, const std::function<void()>& work);
  void TellOnce(PartitionId partition, const std::string& text);

  const Parts parts_;
  // Of the keeper's thread:
  std::set<PartitionId> retired_;
  std::map<PartitionId, std::string> told_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  std::optional<std::set<PartitionId>> wanted_;
  std::set<PartitionId> served_;
  bool is_new_ = false;

  std::jthread thread_;
};

}  // namespace conntrail
