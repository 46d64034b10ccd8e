#include "services/auth/rate_limiter.h"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/names.h"

namespace conntrail {
namespace {

const RateLimit kThreeInTenSeconds{"connections", 3, 10};

std::string Says(const RateVerdict& verdict) {
  return (verdict.allowed ? "yes " : "no ") + std::to_string(verdict.remaining) + " " +
         std::to_string(verdict.reset_s);
}

TEST(RateLimiter, ABucketEmptiesAndFillsWithTime) {
  RateLimiter limiter(kThreeInTenSeconds);
  const Uuid key = IdNamed("key");
  UnixMs now = kNoonMs;
  EXPECT_EQ(Says(limiter.Take(key, now)), "yes 2 4");
  EXPECT_EQ(Says(limiter.Take(key, now)), "yes 1 7");
  EXPECT_EQ(Says(limiter.Take(key, now)), "yes 0 10");
  EXPECT_EQ(Says(limiter.Take(key, now)), "no 0 4");
  now += 3333;  // a third of the period would be 3333.3 ms
  EXPECT_EQ(Says(limiter.Take(key, now)), "no 0 1");
  now += 1;
  EXPECT_EQ(Says(limiter.Take(key, now)), "yes 0 10");
  now += 365 * 24 * kHourMs;
  EXPECT_EQ(Says(limiter.Take(key, now)), "yes 2 4") << "no more than full, however long it waits";
}

TEST(RateLimiter, AClientThatWaitsAsToldIsLetIn) {
  std::mt19937_64 random(20240501);
  for (int round = 0; round < 2000; ++round) {
    const RateLimit limit{"x", 1 + static_cast<uint32_t>(random() % 50),
                          1 + static_cast<uint32_t>(random() % 100)};
    RateLimiter limiter(limit);
    UnixMs now = kNoonMs + static_cast<UnixMs>(random() % 1000);
    RateVerdict verdict;
    do {
      verdict = limiter.Take(IdNamed("key"), now);
      now += static_cast<UnixMs>(random() % 5);
    } while (verdict.allowed);
    now += UnixMs{verdict.reset_s} * 1000;
    ASSERT_TRUE(limiter.Take(IdNamed("key"), now).allowed) << limit.limit << " " << limit.period_s;
  }
}

TEST(RateLimiter, KeysDoNotTakeFromEachOther) {
  RateLimiter limiter({"x", 1, 10});
  EXPECT_TRUE(limiter.Take(IdNamed("a"), kNoonMs).allowed);
  EXPECT_FALSE(limiter.Take(IdNamed("a"), kNoonMs).allowed);
  EXPECT_TRUE(limiter.Take(IdNamed("b"), kNoonMs).allowed);
}

TEST(RateLimiter, AClockThatFallsGivesNothingBackAndTakesNothing) {
  RateLimiter limiter({"x", 2, 10});
  EXPECT_TRUE(limiter.Take(IdNamed("a"), kNoonMs).allowed);
  EXPECT_TRUE(limiter.Take(IdNamed("a"), kNoonMs - kHourMs).allowed);
  EXPECT_FALSE(limiter.Take(IdNamed("a"), kNoonMs - kHourMs).allowed);
  EXPECT_FALSE(limiter.Take(IdNamed("a"), kNoonMs).allowed);
  EXPECT_TRUE(limiter.Take(IdNamed("a"), kNoonMs + 5000).allowed);
}

TEST(RateLimiter, MoreThanABucketHoldsIsNeverAllowed) {
  RateLimiter limiter(kThreeInTenSeconds);
  EXPECT_FALSE(limiter.Take(IdNamed("a"), kNoonMs, 4).allowed);
  EXPECT_TRUE(limiter.Take(IdNamed("a"), kNoonMs, 3).allowed);
}

TEST(RateLimiter, ManyKeysDoNotFillTheMemory) {
  RateLimiter limiter({"x", 1, 10}, 100);
  for (int i = 0; i < 1000; ++i) limiter.Take(IdNamed(std::to_string(i)), kNoonMs + i);
  EXPECT_EQ(limiter.size(), size_t{100});
  EXPECT_FALSE(limiter.Take(IdNamed("999"), kNoonMs + 1000).allowed) << "the last one is known";
  EXPECT_TRUE(limiter.Take(IdNamed("0"), kNoonMs + 1000).allowed) << "the first one is forgotten";
}

// The same with fractions: what is in the bucket is recomputed from all that was taken.
class Model {
 public:
  explicit Model(const RateLimit& limit) : limit_(limit) {}
  bool Take(UnixMs now_ms) {
    if (last_ms_ == 0) last_ms_ = now_ms;
    const auto full = static_cast<long double>(limit_.limit);
    level_ = std::min(full, level_ + static_cast<long double>(now_ms - last_ms_) * full /
                                         (1000.0L * limit_.period_s));
    last_ms_ = now_ms;
    if (level_ < 1 - 1e-9L) return false;
    level_ -= 1;
    return true;
  }

 private:
  RateLimit limit_;
  long double level_ = limit_.limit;
  UnixMs last_ms_ = 0;
};

TEST(RateLimiter, LetsThroughWhatItsModelDoes) {
  const uint64_t seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const RateLimit limit{"x", 1 + static_cast<uint32_t>(random() % 20),
                          1 + static_cast<uint32_t>(random() % 20)};
    RateLimiter limiter(limit);
    std::map<int, Model> models;
    UnixMs now = kNoonMs;
    for (int step = 0; step < 2000; ++step) {
      now += static_cast<UnixMs>(random() % (limit.period_s * 400 / limit.limit + 2));
      const int who = static_cast<int>(random() % 3);
      const bool expected = models.try_emplace(who, limit).first->second.Take(now);
      const RateVerdict verdict = limiter.Take(IdNamed(std::to_string(who)), now);
      ASSERT_EQ(verdict.allowed, expected) << "seed " << seed << " step " << step;
    }
  }
}

TEST(RateLimiter, TellsClientsInTheHeadersThatTheyWaitBy) {
  std::string text;
  for (const http::Header& header : RateLimitHeaders(kThreeInTenSeconds, {false, 0, 4})) {
    text += header.name + ": " + header.value + "\n";
  }
  EXPECT_EQ(text,
            "X-RateLimit-Limit: 3\nX-RateLimit-Period: 10\nX-RateLimit-Remaining: 0\n"
            "X-RateLimit-Reset: 4\nX-RateLimit-Name: connections\n");
}

}  // namespace
}  // namespace conntrail
