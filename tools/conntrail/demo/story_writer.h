#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/event.h"

namespace conntrail::demo {

// One event, and when it reaches the log.
struct Told {
  UnixMs told_ms = 0;
  Event event;
};

inline constexpr uint64_t kMember =
    right::kConnectionsRead | right::kConnectionsWrite | right::kConnectionsResolve;
inline constexpr uint64_t kReader = right::kConnectionsRead | right::kConnectionsResolve;
inline constexpr uint64_t kAdmin = kMember | right::kUserAccessManage;

// Collects the events of the demo. Times are RFC 3339; ones that are not end the program, for they
// are written in the story.
class StoryWriter {
 public:
  explicit StoryWriter(const OrgId& org) : org_(org) {}

  // What a platform has reported of its own history. Returns the event, to add to it.
  Event& Seen(std::string_view time, const Principal& actor, Action action);

  // What somebody asked conntrail for.
  Event& Asked(std::string_view time, const Principal& actor, uint64_t rights, Action action);

  // The last one reaches the log only then.
  void ToldAt(std::string_view time);

  // All events in the order in which they reach the log. Observations are numbered by their
  // producer, with a hole of two after the number `hole_after`.
  std::vector<Told> Take(uint64_t hole_after);

 private:
  Event& Add(std::string_view time, const Principal& actor, Action action);

  const OrgId org_;
  std::vector<Told> told_;
};

UnixMs TimeOf(std::string_view time);

// The fingerprint of a made-up secret; the same `secret` is recognised.
SecretFingerprint Secret(std::string_view field, std::string_view secret);

}  // namespace conntrail::demo
