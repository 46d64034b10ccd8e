#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "events/event.h"
#include "events/log/event_log.h"
#include "tests/support/manual_clock.h"
#include "tests/support/names.h"

namespace conntrail {

// Events of every type from a seed, in two orgs and where no org is: people, groups, a dozen
// connections that share names, four producers with gaps and repeats, retries, and bytes that are
// no event.
//
// The same seed gives the same bytes with every compiler and library. Frozen: the digests in
// tests/golden are of these. Whoever needs other events writes another generator.
class VariedEvents {
 public:
  explicit VariedEvents(uint64_t seed) : random_(seed) {}

  uint64_t Number(uint64_t bound) { return random_() % bound; }  // below `bound`, which is not 0
  bool Chance(uint64_t percent) { return Number(100) < percent; }

  struct Record {
    OrgId org;
    Bytes payload;
  };
  // The first two open the orgs "Acme" and "Beta". `now_ms` is for claimed times.
  Record Next(UnixMs now_ms);

 private:
  Event AnyEvent(UnixMs now_ms);
  Event OfTheLog();
  void BecomeObservation(Event& event, UnixMs now_ms);
  void GiveNumber(Event& event);
  Bytes Damaged(const Event& event);
  Action AnyAction(UnixMs now_ms);
  Action OfConnection(uint64_t choice, UnixMs now_ms);
  Action OfCredential(uint64_t choice, UnixMs now_ms);
  Action OfDirectory(uint64_t choice);
  Action OfOthers(uint64_t choice, UnixMs now_ms);
  Fields SomeFields();
  std::vector<SecretFingerprint> SomeSecrets();
  Consent SomeConsent();
  Uuid Id();
  Uuid Pick(const char* of, uint64_t count);
  Principal Person();
  Principal Somebody();
  std::vector<Grant> SomeGrants();

  std::mt19937_64 random_;
  uint64_t made_ = 0;
  std::vector<Event> sent_;
  std::map<std::pair<OrgId, std::string>, uint64_t> numbers_;  // of the producers
};

// Appends `count` records to partition 0. Many stand in one millisecond; now and then hours pass,
// and sometimes the clock goes back.
void AppendVariedEvents(VariedEvents& events, size_t count, EventLog& log, ManualClock& clock);

}  // namespace conntrail
