#include "tests/support/event_builder.h"

#include <atomic>
#include <string>

#include "events/base/sha256.h"

namespace conntrail {

EventBuilder::EventBuilder(Authority authority, Action action) {
  static std::atomic<uint64_t> count = 0;
  event_.id = {{0x0190'0000'0000'7000, 0x8000'0000'0000'0000 + ++count}};
  event_.org = Acme();
  event_.authority = authority;
  event_.action = std::move(action);
}

EventBuilder& EventBuilder::Does(Action action) {
  event_.action = std::move(action);
  return *this;
}
EventBuilder& EventBuilder::By(std::optional<Principal> actor) {
  event_.actor.principal = actor;
  event_.actor.kind = actor ? ActorKind::kPerson : ActorKind::kUnspecified;
  return *this;
}
EventBuilder& EventBuilder::Rights(uint64_t rights) {
  event_.rights = rights;
  return *this;
}
EventBuilder& EventBuilder::Org(const OrgId& org) {
  event_.org = org;
  return *this;
}
EventBuilder& EventBuilder::Id(std::string_view name) {
  event_.id = {IdNamed(name)};
  return *this;
}
EventBuilder& EventBuilder::IdempotencyKey(std::string_view key) {
  event_.idempotency_key = std::string(key);
  return *this;
}
EventBuilder& EventBuilder::RequestHash(std::string_view of) {
  event_.request_hash = Sha256(AsBytes(of));
  return *this;
}
EventBuilder& EventBuilder::IfRevision(uint64_t revision) {
  event_.expected_revision = Revision(revision);
  return *this;
}
EventBuilder& EventBuilder::From(std::string_view producer, uint64_t sequence) {
  event_.producer = std::string(producer);
  event_.producer_sequence = sequence;
  return *this;
}
EventBuilder& EventBuilder::ApplicationKey(std::string_view key) {
  event_.actor.application_key = KeyNamed(key);
  return *this;
}
EventBuilder& EventBuilder::ApiKey(std::string_view key) {
  event_.actor.api_key = KeyNamed(key);
  return *this;
}
EventBuilder& EventBuilder::ApprovedBy(std::optional<Principal> approver) {
  event_.approver = approver;
  return *this;
}
EventBuilder& EventBuilder::RecordedAt(UnixMs time_ms) {
  event_.recorded_at_ms = time_ms;
  return *this;
}
EventBuilder& EventBuilder::RefusedBySource() {
  event_.refused_by_source = true;
  return *this;
}

EventBuilder Intent(std::string_view user, Action action) {
  EventBuilder builder(Authority::kIntent, std::move(action));
  builder.By(UserNamed(user)).Rights(kWorkRights);
  return builder;
}
EventBuilder Observation(Action action) {
  EventBuilder builder(Authority::kObservation, std::move(action));
  builder.Rights(right::kEventIntake);
  return builder;
}
EventBuilder OfTheLog(Action action) { return EventBuilder(Authority::kLog, std::move(action)); }

}  // namespace conntrail
