#include "events/reportable.h"

namespace conntrail {

bool IsReportable(EventType type) {
  switch (type) {
    case EventType::kNone:
    case EventType::kKeyCreated:
    case EventType::kKeyRevoked:
    case EventType::kKeyRightsChanged:
    case EventType::kAuditTrailRead:
    case EventType::kOrgOpened:
    case EventType::kRulesActivated:
    case EventType::kSeal:
      return false;
    default:
      return true;
  }
}

}  // namespace conntrail
