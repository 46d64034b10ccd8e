#pragma once

#include <string_view>
#include <utility>

#include "events/event.h"
#include "tests/support/names.h"

namespace conntrail {

// What somebody may who works with connections and manages nobody.
inline constexpr uint64_t kWorkRights =
    right::kConnectionsRead | right::kConnectionsWrite | right::kConnectionsResolve;
inline constexpr uint64_t kAdminRights = kWorkRights | right::kUserAccessManage;

// An event in the making, of the org Acme, with an id of its own.
class EventBuilder {
 public:
  EventBuilder(Authority authority, Action action);

  EventBuilder& Does(Action action);  // instead of what it had
  EventBuilder& By(std::optional<Principal> actor);
  EventBuilder& Rights(uint64_t rights);
  EventBuilder& Org(const OrgId& org);
  EventBuilder& Id(std::string_view name);  // to send the same event twice
  EventBuilder& IdempotencyKey(std::string_view key);
  EventBuilder& RequestHash(std::string_view of);
  EventBuilder& IfRevision(uint64_t revision);
  EventBuilder& From(std::string_view producer, uint64_t sequence);
  EventBuilder& ApplicationKey(std::string_view key);
  EventBuilder& ApiKey(std::string_view key);
  EventBuilder& ApprovedBy(std::optional<Principal> approver);
  EventBuilder& RecordedAt(UnixMs time_ms);
  EventBuilder& RefusedBySource();

  operator const Event&() const { return event_; }  // NOLINT: implicit by intent
  const Event& event() const { return event_; }

 private:
  Event event_;
};

// `user` asks for `action`, with kWorkRights.
EventBuilder Intent(std::string_view user, Action action);
// A source reports `action`; nobody is named as its actor.
EventBuilder Observation(Action action);
// A record of the log itself, in Acme or, with Org({}), in the system org.
EventBuilder OfTheLog(Action action);

}  // namespace conntrail
