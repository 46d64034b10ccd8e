#include "services/api/audit/event_words.h"

#include <array>

namespace conntrail::api {
namespace {

constexpr std::string_view kConnections = "Custom Connections";
constexpr std::string_view kAccess = "Access Management";
constexpr std::string_view kAuthentication = "Authentication";
constexpr std::string_view kWorkflows = "Workflows";

constexpr EventWords Connection(std::string_view action) {
  return {kConnections, "custom_connection", action};
}

constexpr EventWords kNone[] = {{"Event Intake", "event", "received"}};
constexpr EventWords kCreated[] = {Connection("created")};
constexpr EventWords kModified[] = {Connection("modified")};
constexpr EventWords kDeleted[] = {Connection("deleted")};
constexpr EventWords kPolicy[] = {{kAccess, "restriction_policy", "modified"},
                                  {kAccess, "restriction_policy", "deleted"}};
constexpr EventWords kUsed[] = {{kWorkflows, "action_platform_task", "completed"}};
constexpr EventWords kAccount[] = {{kAccess, "user", "modified"},
                                   {kAccess, "user", "created"},
                                   {kAccess, "user", "deleted"},
                                   {kAccess, "service_account", "modified"},
                                   {kAccess, "service_account", "created"},
                                   {kAccess, "service_account", "deleted"}};
constexpr EventWords kGroup[] = {{kAccess, "team", "modified"}, {kAccess, "team", "created"},
                                 {kAccess, "team", "deleted"},  {kAccess, "role", "modified"},
                                 {kAccess, "role", "created"},  {kAccess, "role", "deleted"}};
constexpr EventWords kWorkflowSaved[] = {{kWorkflows, "workflow", "modified"},
                                         {kWorkflows, "workflow", "created"}};
constexpr EventWords kWorkflowDeleted[] = {{kWorkflows, "workflow", "deleted"}};
constexpr EventWords kConnected[] = {{"Integration", "integration", "created"},
                                     {"Integration", "integration", "modified"}};
constexpr EventWords kDisconnected[] = {{"Integration", "integration", "deleted"}};
constexpr EventWords kReviewOpened[] = {{kAccess, "access_review", "created"}};
constexpr EventWords kReviewDecided[] = {{kAccess, "access_review", "modified"}};
constexpr EventWords kReviewClosed[] = {{kAccess, "access_review", "completed"}};
constexpr EventWords kFinding[] = {{"Findings", "finding", "modified"}};
constexpr EventWords kTrailRead[] = {{"Audit Trail", "audit_trail", "queried"}};
constexpr EventWords kKeyCreated[] = {{kAuthentication, "api_key", "created"},
                                      {kAuthentication, "application_key", "created"}};
constexpr EventWords kKeyRevoked[] = {{kAuthentication, "api_key", "deleted"},
                                      {kAuthentication, "application_key", "deleted"}};
constexpr EventWords kKeyChanged[] = {{kAuthentication, "api_key", "modified"},
                                      {kAuthentication, "application_key", "modified"}};
constexpr EventWords kOrg[] = {{"Organization Management", "organization", "created"}};
constexpr EventWords kRules[] = {{"Event Log", "rules", "modified"}};
constexpr EventWords kSeal[] = {{"Event Log", "seal", "created"}};

constexpr std::array<std::span<const EventWords>, kEventTypeMax + 1> kWords{
    kNone,         kCreated,      kModified,      kDeleted,
    kModified,     kModified,     kModified,      kModified,
    kModified,     kPolicy,       kPolicy,        kUsed,
    kAccount,      kGroup,        kWorkflowSaved, kWorkflowDeleted,
    kConnected,    kDisconnected, kReviewOpened,  kReviewDecided,
    kReviewClosed, kFinding,      kFinding,       kTrailRead,
    kKeyCreated,   kKeyRevoked,   kKeyChanged,    kOrg,
    kRules,        kSeal,         kNone};

// 0 modified, 1 created, 2 deleted: as the tables of accounts and groups stand.
size_t Column(AccountChange change) {
  if (change == AccountChange::kAdded) return 1;
  return change == AccountChange::kRemoved ? 2 : 0;
}
size_t Column(GroupChange change) {
  if (change == GroupChange::kCreated) return 1;
  return change == GroupChange::kDeleted ? 2 : 0;
}

// Which of the possible words an event of that type means; the first, if it does not tell.
size_t NumberOf(const TrailLine& line, const Event& event, KeyKind key) {
  const bool is_first = line.verdict == Verdict::kApplied && line.revision.value <= 1;
  switch (line.type) {
    case EventType::kPolicyReplaced: {
      const auto* replaced = std::get_if<PolicyReplaced>(&event.action);
      return replaced != nullptr && replaced->restore_default ? 1 : 0;
    }
    case EventType::kAccountChanged: {
      const auto* changed = std::get_if<AccountChanged>(&event.action);
      if (changed == nullptr) return 0;
      const bool is_service = changed->account.kind == PrincipalKind::kServiceAccount;
      return (is_service ? 3 : 0) + Column(changed->change);
    }
    case EventType::kGroupChanged: {
      const auto* changed = std::get_if<GroupChanged>(&event.action);
      if (changed == nullptr) return 0;
      return (changed->group.kind == PrincipalKind::kRole ? 3 : 0) + Column(changed->change);
    }
    case EventType::kWorkflowSaved:
      return is_first ? 1 : 0;
    case EventType::kIntegrationConnected:
      return line.revision.value > 1 ? 1 : 0;
    case EventType::kKeyCreated:
    case EventType::kKeyRevoked:
    case EventType::kKeyRightsChanged:
      return key == KeyKind::kApplication ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace

std::span<const EventWords> PossibleWords(EventType type) {
  const auto number = static_cast<size_t>(type);
  return kWords[number < kWords.size() ? number : 0];
}

EventWords WordsOf(const TrailLine& line, const Event* event, KeyKind key) {
  const std::span<const EventWords> possible = PossibleWords(line.type);
  const size_t number = event == nullptr ? 0 : NumberOf(line, *event, key);
  return possible[number < possible.size() ? number : 0];
}

std::string_view StatusOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kApplied:
    case Verdict::kDuplicate:
      return "info";
    case Verdict::kDenied:
    case Verdict::kRejected:
    case Verdict::kConflict:
      return "warn";
    default:
      return "error";
  }
}

}  // namespace conntrail::api
