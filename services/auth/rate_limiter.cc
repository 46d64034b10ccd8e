#include "services/auth/rate_limiter.h"

#include <algorithm>
#include <utility>

#include "events/base/check.h"

namespace conntrail {
namespace {

uint64_t DivideUp(uint64_t number, uint64_t by) { return (number + by - 1) / by; }

}  // namespace

std::vector<http::Header> RateLimitHeaders(const RateLimit& limit, const RateVerdict& verdict) {
  return {{"X-RateLimit-Limit", std::to_string(limit.limit)},
          {"X-RateLimit-Period", std::to_string(limit.period_s)},
          {"X-RateLimit-Remaining", std::to_string(verdict.remaining)},
          {"X-RateLimit-Reset", std::to_string(verdict.reset_s)},
          {"X-RateLimit-Name", limit.name}};
}

RateLimiter::RateLimiter(RateLimit limit, size_t keys_max)
    : limit_(std::move(limit)), keys_max_(keys_max) {
  CONNTRAIL_CHECK(limit_.limit > 0 && limit_.period_s > 0 && keys_max_ > 0);
}

RateLimiter::Bucket& RateLimiter::BucketOf(const Uuid& key, UnixMs now_ms) {
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
    return buckets_.front();
  }
  if (buckets_.size() == keys_max_) {
    by_key_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({key, Full(), now_ms});
  by_key_.emplace(key, buckets_.begin());
  return buckets_.front();
}

RateVerdict RateLimiter::Take(const Uuid& key, UnixMs now_ms, uint32_t cost) {
  Bucket& bucket = BucketOf(key, now_ms);
  if (now_ms > bucket.at_ms) {
    // A bucket is full after one period, however long it was left alone.
    const uint64_t passed_ms =
        std::min<uint64_t>(static_cast<uint64_t>(now_ms - bucket.at_ms), Cost());
    bucket.level = std::min(Full(), bucket.level + passed_ms * limit_.limit);
    bucket.at_ms = now_ms;
  }
  RateVerdict verdict;
  const uint64_t wanted = uint64_t{cost} * Cost();
  verdict.allowed = wanted <= bucket.level;
  if (verdict.allowed) bucket.level -= wanted;
  verdict.remaining = static_cast<uint32_t>(bucket.level / Cost());
  const uint64_t target = verdict.allowed ? Full() : std::min(wanted, Full());
  const uint64_t missing = target - bucket.level;
  const uint64_t wait_ms = DivideUp(missing, limit_.limit);
  verdict.reset_s = static_cast<uint32_t>(std::max<uint64_t>(1, DivideUp(wait_ms, 1000)));
  return verdict;
}

}  // namespace conntrail
