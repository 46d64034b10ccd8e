#include "tools/conntrail/demo/story_writer.h"

#include <algorithm>

#include "events/base/check.h"
#include "events/base/sha256.h"

namespace conntrail::demo {
namespace {

constexpr Uuid kEventNameSpace{0x1f0e7c5b9a2d4836u, 0xa5b1c3d2e4f60718u};

}  // namespace

UnixMs TimeOf(std::string_view time) {
  const auto time_ms = ParseTime(time);
  CONNTRAIL_CHECK(time_ms.has_value());
  return *time_ms;
}

// Not under a deployment's key: the secrets do not exist, and the demo is the same everywhere.
SecretFingerprint Secret(std::string_view field, std::string_view secret) {
  return {std::string(field), Sha256(AsBytes("demo secret " + std::string(secret)))};
}

Event& StoryWriter::Add(std::string_view time, const Principal& actor, Action action) {
  Told& told = told_.emplace_back();
  told.told_ms = TimeOf(time);
  told.event.id = {Uuid::FromName(kEventNameSpace, std::to_string(told_.size()))};
  told.event.org = org_;
  told.event.actor.principal = actor;
  told.event.actor.kind =
      actor.kind == PrincipalKind::kServiceAccount ? ActorKind::kService : ActorKind::kPerson;
  told.event.action = std::move(action);
  return told.event;
}

Event& StoryWriter::Seen(std::string_view time, const Principal& actor, Action action) {
  Event& event = Add(time, actor, std::move(action));
  event.authority = Authority::kObservation;
  event.recorded_at_ms = TimeOf(time);
  event.rights = right::kEventIntake | right::kBackfill;
  event.producer = "platform";
  event.context.interface = Interface::kPlatform;
  return event;
}

Event& StoryWriter::Asked(std::string_view time, const Principal& actor, uint64_t rights,
                          Action action) {
  Event& event = Add(time, actor, std::move(action));
  event.authority = Authority::kIntent;
  event.occurred_at_ms = TimeOf(time);
  event.rights = rights;
  event.context.interface = Interface::kUi;
  event.context.source_ip = "192.0.2.17";
  return event;
}

void StoryWriter::ToldAt(std::string_view time) { told_.back().told_ms = TimeOf(time); }

std::vector<Told> StoryWriter::Take(uint64_t hole_after) {
  std::stable_sort(told_.begin(), told_.end(),
                   [](const Told& a, const Told& b) { return a.told_ms < b.told_ms; });
  uint64_t sequence = 0;
  for (Told& told : told_) {
    if (told.event.producer.empty()) continue;
    sequence += sequence == hole_after ? 3 : 1;
    told.event.producer_sequence = sequence;
  }
  return std::move(told_);
}

}  // namespace conntrail::demo
