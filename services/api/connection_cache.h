#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "projections/fold/entity.h"
#include "projections/record_folder.h"

namespace conntrail::api {

// Connections that were asked for of late, as they are now, with their answers: asking for one
// again costs no look at the store.
//
// A record about a connection takes it out, before whoever submitted that record is answered. So
// everybody reads their own writes.
//
// Thread-safety: Forget may be called from any thread, everything else on the io_context's.
class ConnectionCache {
 public:
  explicit ConnectionCache(boost::asio::io_context& io) : io_(io) {}

  struct Entry {
    Connection connection;
    std::optional<UnixMs> last_used_at_ms;
    std::array<std::string, 2> bodies;  // by acting_user_can_resolve; "" until it is asked for
  };

  // Null if it is not here.
  Entry* Find(const OrgId& org, const ConnectionId& connection);
  // Call `version` before the store is read; what has changed since is not kept.
  uint64_t version() const { return forgotten_.load(std::memory_order_acquire); }
  Entry& Put(const OrgId& org, Entry entry, uint64_t version);

  // For a Gateway::Listener.
  void Forget(const std::vector<FoldedRecord>& folded);

  // Of all orgs: when a partition is projected elsewhere from now on. On the io_context's thread.
  void Clear();

  size_t size() const { return entries_.size(); }

 private:
  using Key = std::pair<OrgId, ConnectionId>;
  struct KeyHash {
    using is_avalanching = void;
    size_t operator()(const Key& key) const noexcept {
      return std::hash<ConnectionId>()(key.second) ^ key.first.uuid.lo;
    }
  };

  boost::asio::io_context& io_;
  std::atomic<uint64_t> forgotten_{0};  // batches that took something out
  boost::unordered_flat_map<Key, std::unique_ptr<Entry>, KeyHash> entries_;
  Entry passing_;  // what was too late to be kept
};

}  // namespace conntrail::api
