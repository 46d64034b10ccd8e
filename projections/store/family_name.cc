#include "projections/store/family_name.h"

namespace conntrail {

const char* FamilyName(Family family) {
  switch (family) {
    case Family::kState:
      return "state";
    case Family::kHistory:
      return "history";
    case Family::kTrail:
      return "trail";
    case Family::kActor:
      return "actor";
    case Family::kEvidence:
      return "evidence";
  }
  return "unknown";
}

}  // namespace conntrail
