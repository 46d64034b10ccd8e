#include "events/event.h"

namespace conntrail {
namespace {

constexpr std::array<std::string_view, kEventTypeMax + 1> kNames = {
    "none",
    "connection.created",
    "connection.edited",
    "connection.deleted",
    "connection.suspended",
    "connection.resumed",
    "credential.issued",
    "credential.rotated",
    "credential.withdrawn",
    "policy.replaced",
    "policy.patched",
    "connection.used",
    "account.changed",
    "group.changed",
    "workflow.saved",
    "workflow.deleted",
    "integration.connected",
    "integration.disconnected",
    "review.opened",
    "review.decided",
    "review.closed",
    "finding.suppressed",
    "finding.reopened",
    "trail.read",
    "key.created",
    "key.revoked",
    "key.rights_changed",
    "org.opened",
    "rules.activated",
    "seal",
    "attempt.unreadable",
};

}  // namespace

std::string_view EventTypeName(EventType type) {
  const size_t index = static_cast<size_t>(type);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::optional<EventType> ParseEventType(std::string_view name) {
  for (size_t index = 1; index < kNames.size(); ++index) {
    if (kNames[index] == name) return static_cast<EventType>(index);
  }
  return std::nullopt;
}

}  // namespace conntrail
