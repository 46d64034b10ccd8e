#include "services/api/connection_cache.h"

#include <boost/asio/post.hpp>

namespace conntrail::api {
namespace {

constexpr size_t kEntriesMax = 20'000;  // about 2 KiB each

}  // namespace

ConnectionCache::Entry* ConnectionCache::Find(const OrgId& org, const ConnectionId& connection) {
  const auto found = entries_.find(Key{org, connection});
  return found == entries_.end() ? nullptr : found->second.get();
}

ConnectionCache::Entry& ConnectionCache::Put(const OrgId& org, Entry entry, uint64_t version) {
  if (version != this->version()) {
    passing_ = std::move(entry);
    return passing_;
  }
  if (entries_.size() >= kEntriesMax) entries_.clear();
  const Key key{org, entry.connection.id};
  return *(entries_[key] = std::make_unique<Entry>(std::move(entry)));
}

void ConnectionCache::Forget(const std::vector<FoldedRecord>& folded) {
  std::vector<Key> keys;
  for (const FoldedRecord& record : folded) {
    if (record.line.subject.kind != EntityKind::kConnection) continue;
    keys.emplace_back(record.org, ConnectionId{record.line.subject.id});
  }
  if (keys.empty()) return;
  // From here on nobody keeps what they have read before.
  forgotten_.fetch_add(1, std::memory_order_acq_rel);
  boost::asio::post(io_, [this, keys = std::move(keys)] {
    for (const Key& key : keys) entries_.erase(key);
  });
}

void ConnectionCache::Clear() {
  forgotten_.fetch_add(1, std::memory_order_acq_rel);
  entries_.clear();
}

}  // namespace conntrail::api
