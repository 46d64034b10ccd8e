#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "events/event.h"
#include "events/log/event_log.h"
#include "tests/support/manual_clock.h"

namespace conntrail {

// Plausible events from a seed: a few people work on a few connections of two orgs, a source
// reports, and some of it does not fit. The same seed gives the same events everywhere.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed) : random_(seed) {}

  // Below `bound`, which is not 0.
  uint64_t Number(uint64_t bound) { return random_() % bound; }
  // True in `percent` of all cases.
  bool Chance(uint64_t percent) { return Number(100) < percent; }

  // Opens the org that is `org` % 2.
  Event Opening(uint64_t org);
  // A valid event of an org that may or may not have been opened; `now_ms` is for claimed times.
  Event Next(UnixMs now_ms);
  // Bytes that are no event, or nearly one.
  std::string Garbage();

 private:
  Uuid Pick(std::string_view of, uint64_t count);
  Principal Person();
  Principal Somebody();
  Grant AnyGrant();
  Action AnyAction();
  Action OfConnection(uint64_t choice);
  Action OfOthers(uint64_t choice);

  std::mt19937_64 random_;
  uint64_t numbers_ = 0;  // of the source, as far as they have been given out
};

// Appends `count` records to partition 0: openings, events, retries, equal idempotency keys, seals
// and garbage, while the clock goes forward and sometimes back.
void AppendRandomEvents(RandomEvents& random, size_t count, EventLog& log, ManualClock& clock);

}  // namespace conntrail
