#include "projections/evidence/seal_event.h"

#include <utility>

#include "events/base/clock.h"

namespace conntrail {

Event SealEvent(Seal seal, Interface interface) {
  Event event;
  event.id = {Uuid::NewTimeOrdered(Clock::System().Now())};
  event.authority = Authority::kLog;
  event.context.interface = interface;
  event.action = std::move(seal);
  return event;
}

}  // namespace conntrail
