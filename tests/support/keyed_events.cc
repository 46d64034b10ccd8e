#include "tests/support/keyed_events.h"

#include <random>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "tests/support/event_builder.h"
#include "tests/support/varied_events.h"

namespace conntrail {
namespace {

constexpr UnixMs kKeyLifeMsMax = UnixMs{20} * 3600 * 1000;

// Random numbers of its own, so that the events stay those of VariedEvents.
class Keys {
 public:
  explicit Keys(uint64_t seed) : random_(seed ^ 0xA51) {}

  uint64_t Number(uint64_t bound) { return random_() % bound; }

  // VariedEvents makes and revokes keys of these names.
  KeyId Any() { return {IdNamed("key" + std::to_string(Number(4)))}; }

  Bytes Keyed(const Bytes& payload, UnixMs now_ms) {
    DecodedEvent decoded = DecodeEvent(payload);
    const bool has_key = Number(3) == 0;
    const uint64_t life_ms = Number(kKeyLifeMsMax);
    if (decoded.fault != DecodeFault::kNone) return payload;
    Event& event = decoded.event;
    if (has_key && event.authority == Authority::kIntent) event.actor.api_key = Any();
    if (auto* created = std::get_if<KeyCreated>(&event.action)) {
      created->expires_at_ms = now_ms + static_cast<UnixMs>(life_ms);
    }
    return EncodeEvent(event);
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace

void AppendKeyedEvents(uint64_t seed, size_t count, EventLog& log, ManualClock& clock) {
  VariedEvents events(seed);
  Keys keys(seed);
  for (size_t i = 0; i < count; ++i) {
    if (keys.Number(2) == 0) clock.Pass(static_cast<UnixMs>(keys.Number(200)));
    if (keys.Number(100) == 0) clock.Pass(static_cast<UnixMs>(keys.Number(kKeyLifeMsMax / 4)));
    const VariedEvents::Record record = events.Next(clock.Now());
    const bool activates = i == count / 2;
    const Bytes payload =
        activates
            ? EncodeEvent(OfTheLog(RulesActivated{RulesVersion(2)}).Id("rules 2").Org({}).event())
            : keys.Keyed(record.payload, clock.Now());
    const OrgId org = activates ? OrgId{} : record.org;
    CONNTRAIL_CHECK(log.Append(PartitionId(0), org, payload).ok());
  }
}

}  // namespace conntrail
