#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "projections/fold/entity.h"
#include "projections/fold/org_state.h"

namespace conntrail {

// What became of a record. Stored; never renumber.
enum class Verdict : uint8_t {
  kNone = 0,
  kApplied = 1,      // the state changed, or there was nothing to change
  kDuplicate = 2,    // seen before: the first one's answer counts
  kDenied = 3,       // the actor may not
  kRejected = 4,     // it does not fit the state
  kConflict = 5,     // not the revision, or not the request, that was meant
  kInvalid = 6,      // an event that breaks the rules of its form
  kUnsupported = 7,  // an event that the rules in force do not know
  kMalformed = 8,    // bytes that are no event
  kMisrouted = 9,    // an event of an org that is not in this partition
};
inline constexpr uint8_t kVerdictMax = 9;

// Why. Stored; never renumber.
enum class Reason : uint16_t {
  kNone = 0,
  // applied
  kNoChange = 1,
  kGapBeforeDiffers = 2,   // a source's before is not our state
  kGapUnknownSubject = 3,  // a source changed what we never saw created
  kGapAlreadyExists = 4,   // a source created what we have already
  kGapAlreadyThere = 5,    // a source granted, issued or suspended what is so already
  kUseWithoutGrant = 6,    // used by a principal who was no resolver
  // denied
  kActorRequired = 20,
  kAccountInactive = 21,
  kKeyRevoked = 22,
  kRightRequired = 23,
  kViewerRequired = 24,
  kResolverRequired = 25,
  kEditorRequired = 26,
  kRefusedBySource = 27,
  kEscalation = 28,  // a key with more rights than its giver has
  // rejected
  kConnectionNotFound = 40,
  kConnectionExists = 41,
  kConnectionSuspended = 42,
  kConnectionNotSuspended = 43,
  kSelfLockout = 44,
  kCredentialMissing = 45,
  kCredentialPresent = 46,
  kIntegrationTypeFixed = 47,
  kSubjectNotFound = 48,
  kSubjectExists = 49,
  kOrgExists = 50,
  kRulesNotNewer = 51,
  kSealTooEarly = 52,
  kNameRequired = 53,
  kLimitReached = 54,
  // conflict
  kRevisionDiffers = 60,
  kRequestDiffers = 61,
  // invalid
  kInvalidField = 80,
  kAuthorityNotAllowed = 81,
  kMalformedAtSource = 82,
  // unsupported, malformed, misrouted
  kUnknownType = 100,
  kNotYetInRules = 101,
  kNotAnEvent = 110,
  kOrgNotOpened = 120,
};

std::string_view VerdictName(Verdict verdict);
std::optional<Verdict> ParseVerdict(std::string_view name);
// "editor_relation_required" and so on; "" for kNone.
std::string_view ReasonName(Reason reason);

// Marks on an outcome. Stored; never renumber.
namespace mark {
inline constexpr uint16_t kGap = 1 << 0;          // what a source reports does not fit our state
inline constexpr uint16_t kLate = 1 << 1;         // its claimed time lies before its effective time
inline constexpr uint16_t kProducerGap = 1 << 2;  // numbers of its producer are missing before it
}  // namespace mark

struct EntityChange {
  EntityKey key;
  Entity after;
};

// The fold's answer: what is decided, and what it makes of the state.
struct Outcome {
  Verdict verdict = Verdict::kNone;
  Reason reason = Reason::kNone;
  uint16_t marks = 0;
  UnixMs effective_time_ms = 0;
  RulesVersion rules;
  EntityKey subject;              // whose history the record belongs to; kNone if nobody's
  Revision revision;              // of the subject, afterwards
  std::optional<uint32_t> slot;   // of the connection that was changed
  std::optional<OrgIndex> first;  // of a duplicate: where the first one stands, if still known
  std::vector<EntityChange>
      changes;  // entities that are different now; the subject's is among them
  std::optional<std::string> opens_org;         // the org begins to exist, with this name
  std::optional<RulesVersion> activates_rules;  // the partition's rules from the next record on
  bool seals = false;                           // a seal of the partition that counts
  bool takes_slot = false;                      // the org's next connection slot is used up

  bool applied() const { return verdict == Verdict::kApplied; }
};

}  // namespace conntrail
