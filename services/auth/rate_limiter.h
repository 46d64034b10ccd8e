#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "events/base/time.h"
#include "events/base/uuid.h"
#include "services/http/message.h"

namespace conntrail {

// How much one key may ask for: a token bucket. `period_s` seconds fill it from empty to `limit`.
struct RateLimit {
  std::string name;  // X-RateLimit-Name
  uint32_t limit = 1000;
  uint32_t period_s = 10;
};

struct RateVerdict {
  bool allowed = true;
  uint32_t remaining = 0;  // requests that could follow at once
  uint32_t reset_s = 0;    // until the bucket is full; if not allowed, until one is allowed; >= 1
};

// The headers that clients of this API wait by: X-RateLimit-Limit, -Period, -Remaining, -Reset and
// -Name.
std::vector<http::Header> RateLimitHeaders(const RateLimit& limit, const RateVerdict& verdict);

// Decides for each key whether one more request may pass. Time is the caller's, in milliseconds
// that never fall; if they do, nothing is given back.
//
// Keeps at most `keys_max` buckets: the one that was used longest ago is forgotten, and full again.
// One thread's.
class RateLimiter {
 public:
  explicit RateLimiter(RateLimit limit, size_t keys_max = 65'536);

  // Takes `cost` from the bucket of `key` if that much is in it.
  RateVerdict Take(const Uuid& key, UnixMs now_ms, uint32_t cost = 1);

  const RateLimit& limit() const { return limit_; }
  size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    Uuid key;
    uint64_t level = 0;  // in thousandths of a request times period_s, so that integers suffice
    UnixMs at_ms = 0;
  };
  using Buckets = std::list<Bucket>;  // the one used last is the first

  uint64_t Full() const { return uint64_t{limit_.limit} * Cost(); }
  uint64_t Cost() const { return uint64_t{1000} * limit_.period_s; }
  Bucket& BucketOf(const Uuid& key, UnixMs now_ms);

  const RateLimit limit_;
  const size_t keys_max_;
  Buckets buckets_;
  boost::unordered_flat_map<Uuid, Buckets::iterator, std::hash<Uuid>> by_key_;
};

}  // namespace conntrail
