#include "projections/fold/outcome.h"

namespace conntrail {

std::string_view VerdictName(Verdict verdict) {
  static constexpr std::string_view kNames[kVerdictMax + 1] = {
      "none",     "applied", "duplicate",   "denied",    "rejected",
      "conflict", "invalid", "unsupported", "malformed", "misrouted"};
  const size_t index = static_cast<size_t>(verdict);
  return index <= kVerdictMax ? kNames[index] : "unknown";
}

std::optional<Verdict> ParseVerdict(std::string_view name) {
  for (uint8_t value = 1; value <= kVerdictMax; ++value) {
    if (VerdictName(static_cast<Verdict>(value)) == name) return static_cast<Verdict>(value);
  }
  return std::nullopt;
}

std::string_view ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "";
    case Reason::kNoChange:
      return "no_change";
    case Reason::kGapBeforeDiffers:
      return "gap_before_differs";
    case Reason::kGapUnknownSubject:
      return "gap_unknown_subject";
    case Reason::kGapAlreadyExists:
      return "gap_already_exists";
    case Reason::kGapAlreadyThere:
      return "gap_already_there";
    case Reason::kUseWithoutGrant:
      return "use_without_grant";
    case Reason::kActorRequired:
      return "actor_required";
    case Reason::kAccountInactive:
      return "account_inactive";
    case Reason::kKeyRevoked:
      return "key_revoked";
    case Reason::kRightRequired:
      return "right_required";
    case Reason::kViewerRequired:
      return "viewer_relation_required";
    case Reason::kResolverRequired:
      return "resolver_relation_required";
    case Reason::kEditorRequired:
      return "editor_relation_required";
    case Reason::kRefusedBySource:
      return "refused_by_source";
    case Reason::kEscalation:
      return "rights_beyond_own";
    case Reason::kConnectionNotFound:
      return "connection_not_found";
    case Reason::kConnectionExists:
      return "connection_exists";
    case Reason::kConnectionSuspended:
      return "connection_suspended";
    case Reason::kConnectionNotSuspended:
      return "connection_not_suspended";
    case Reason::kSelfLockout:
      return "self_lockout";
    case Reason::kCredentialMissing:
      return "credential_missing";
    case Reason::kCredentialPresent:
      return "credential_present";
    case Reason::kIntegrationTypeFixed:
      return "integration_type_fixed";
    case Reason::kSubjectNotFound:
      return "not_found";
    case Reason::kSubjectExists:
      return "exists";
    case Reason::kOrgExists:
      return "org_exists";
    case Reason::kRulesNotNewer:
      return "rules_not_newer";
    case Reason::kSealTooEarly:
      return "seal_too_early";
    case Reason::kNameRequired:
      return "name_required";
    case Reason::kLimitReached:
      return "limit_reached";
    case Reason::kRevisionDiffers:
      return "revision_differs";
    case Reason::kRequestDiffers:
      return "request_differs";
    case Reason::kInvalidField:
      return "invalid_field";
    case Reason::kAuthorityNotAllowed:
      return "authority_not_allowed";
    case Reason::kMalformedAtSource:
      return "malformed_at_source";
    case Reason::kUnknownType:
      return "unknown_type";
    case Reason::kNotYetInRules:
      return "not_in_these_rules";
    case Reason::kNotAnEvent:
      return "not_an_event";
    case Reason::kOrgNotOpened:
      return "org_not_opened";
  }
  return "unknown";
}

}  // namespace conntrail
