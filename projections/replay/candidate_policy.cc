#include "projections/replay/candidate_policy.h"

#include <algorithm>

#include "projections/fold/access.h"

namespace conntrail {
namespace {

bool HasBit(uint64_t bits, uint8_t number) { return (bits >> number & 1) != 0; }
template <typename Enum>
bool Takes(uint64_t bits, Enum value) {
  return bits == 0 || HasBit(bits, static_cast<uint8_t>(value));
}
bool Agrees(const std::optional<bool>& asked, bool is_so) { return !asked || *asked == is_so; }

bool ApproverHolds(ApproverIs asked, const Event& event) {
  const bool is_actor = event.approver && event.actor.principal &&
                        SamePrincipal(*event.approver, *event.actor.principal);
  switch (asked) {
    case ApproverIs::kNobody:
      return !event.approver;
    case ApproverIs::kAnybody:
      return event.approver.has_value();
    case ApproverIs::kAnotherPerson:
      return event.approver && !is_actor;
    case ApproverIs::kTheActor:
      return is_actor;
  }
  return false;
}

const Connection* ConnectionOf(const WorkingSet& set, const Event& event) {
  const EntityKey subject = SubjectOf(event);
  if (subject.kind != EntityKind::kConnection) return nullptr;
  return set.Find<Connection>(subject);
}

const std::vector<Grant>* GrantsGivenBy(const Event& event) {
  if (const auto* replaced = std::get_if<PolicyReplaced>(&event.action)) return &replaced->grants;
  if (const auto* patched = std::get_if<PolicyPatched>(&event.action)) return &patched->added;
  return nullptr;
}

// A policy that is replaced gives only what was not held before.
bool GivesHold(const EventCondition& asked, const WorkingSet& set, const Event& event) {
  if (asked.gives_relations == 0 && asked.gives_to == 0) return true;
  const std::vector<Grant>* given = GrantsGivenBy(event);
  if (given == nullptr) return false;
  const Connection* connection = ConnectionOf(set, event);
  std::vector<HeldGrant> held;
  if (connection != nullptr) held = EffectiveGrants(*connection, event.org);
  return std::any_of(given->begin(), given->end(), [&](const Grant& grant) {
    return Takes(asked.gives_relations, grant.relation) &&
           Takes(asked.gives_to, grant.principal.kind) &&
           std::none_of(held.begin(), held.end(),
                        [&](const HeldGrant& h) { return h.grant == grant; });
  });
}

// True if the field, a text or a list, has one of `values`.
bool HasOneOf(const Fields& fields, std::string_view path, const std::vector<std::string>& values) {
  if (values.empty()) return true;
  const FieldValue* field = FindField(fields, path);
  const auto is_asked = [&](const std::string& text) {
    return std::find(values.begin(), values.end(), text) != values.end();
  };
  if (field == nullptr) return false;
  if (const auto* text = std::get_if<std::string>(field)) return is_asked(*text);
  const auto* list = std::get_if<TextList>(field);
  return list != nullptr && std::any_of(list->begin(), list->end(), is_asked);
}

bool AsksOfConnection(const EventCondition& c) {
  return c.actor_holds != Relation::kNone || !c.integrations.empty() || !c.tags.empty() ||
         c.suspended || c.restricted;
}

bool ConnectionHolds(const EventCondition& c, const WorkingSet& set, const Event& event) {
  if (!AsksOfConnection(c)) return true;
  const Connection* connection = ConnectionOf(set, event);
  if (connection == nullptr) return false;
  const bool holds = c.actor_holds == Relation::kNone ||
                     (event.actor.principal &&
                      RelationOf(set, *connection, *event.actor.principal) >= c.actor_holds);
  return holds && HasOneOf(connection->fields, "integration.type", c.integrations) &&
         HasOneOf(connection->fields, "tags", c.tags) &&
         Agrees(c.suspended, connection->suspended) && Agrees(c.restricted, connection->has_policy);
}

template <typename Ask>
bool AnyAsks(const std::vector<Refusal>& refusals, Ask asks) {
  return std::any_of(refusals.begin(), refusals.end(), [&](const Refusal& refusal) {
    return asks(refusal.when) || (refusal.unless && asks(*refusal.unless));
  });
}

}  // namespace

bool EventCondition::Holds(const WorkingSet& set, const Event& event) const {
  return (!approver || ApproverHolds(*approver, event)) &&
         Takes(interfaces, event.context.interface) && Takes(actor_kinds, event.actor.kind) &&
         Takes(authorities, event.authority) && (event.rights & rights) == rights &&
         Agrees(ticket, !event.context.ticket.empty()) &&
         Agrees(reason, !event.context.reason.empty()) &&
         Agrees(on_behalf_of, event.on_behalf_of.has_value()) &&
         (events.empty() || std::find(events.begin(), events.end(), event.id) != events.end()) &&
         GivesHold(*this, set, event) && ConnectionHolds(*this, set, event);
}

std::optional<size_t> CandidatePolicy::RefusalOf(const WorkingSet& set, const Event& event) const {
  if (event.authority == Authority::kLog) return std::nullopt;
  for (size_t i = 0; i < refusals.size(); ++i) {
    const Refusal& refusal = refusals[i];
    if (!HasBit(refusal.types, static_cast<uint8_t>(event.type()))) continue;
    if (!refusal.when.Holds(set, event)) continue;
    if (refusal.unless && refusal.unless->Holds(set, event)) continue;
    return i;
  }
  return std::nullopt;
}

bool CandidatePolicy::looks_at_relations() const {
  return AnyAsks(refusals,
                 [](const EventCondition& c) { return c.actor_holds != Relation::kNone; });
}

bool CandidatePolicy::looks_at_context() const {
  return AnyAsks(refusals, [](const EventCondition& c) { return c.ticket || c.reason; });
}

}  // namespace conntrail
