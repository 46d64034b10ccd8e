#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "projections/fold/fold.h"

namespace conntrail {

// Who has approved an event, seen from its actor.
enum class ApproverIs { kNobody, kAnybody, kAnotherPerson, kTheActor };

// What is asked of an event and of the state that it met. What is absent, zero or empty asks
// nothing; everything else must hold.
struct EventCondition {
  std::optional<ApproverIs> approver;
  uint16_t interfaces = 0;  // bits of Interface; one of them
  uint8_t actor_kinds = 0;  // bits of ActorKind
  uint8_t authorities = 0;  // bits of Authority
  uint64_t rights = 0;      // all of them, as the door established them
  std::optional<bool> ticket;
  std::optional<bool> reason;
  std::optional<bool> on_behalf_of;
  std::vector<EventId> events;
  // A grant that the event adds to what its connection had.
  uint8_t gives_relations = 0;  // bits of Relation
  uint8_t gives_to = 0;         // bits of PrincipalKind
  // The connection that the event is about, as it was before; false for one that was not there.
  Relation actor_holds = Relation::kNone;  // the actor at least this
  std::vector<std::string> integrations;   // one of them
  std::vector<std::string> tags;           // one of them
  std::optional<bool> suspended;
  std::optional<bool> restricted;  // has a policy of its own

  bool Holds(const WorkingSet& set, const Event& event) const;
};

// Refuses events of `types` for which `when` holds, and `unless`, if there is one, does not.
struct Refusal {
  std::string name;
  uint64_t types = 0;  // bits of EventType
  EventCondition when;
  std::optional<EventCondition> unless;
};

// A policy that somebody thinks about: what the rules in force would apply and a refusal meets, is
// denied. It never allows what they refuse, and says nothing of the log's own records. A value;
// pure and total as the fold is.
struct CandidatePolicy {
  std::vector<Refusal> refusals;

  // The first refusal that `event` meets.
  std::optional<size_t> RefusalOf(const WorkingSet& set, const Event& event) const;

  // What Holds looks at and the fold alone would not.
  bool looks_at_relations() const;  // set holds the groups of the event's connection
  bool looks_at_context() const;    // the event is decoded wholly
};

}  // namespace conntrail
