#include "projections/replay/state_in_memory.h"

#include <utility>

#include "projections/remembered_request.h"

namespace conntrail {
namespace {

// What is left of an outcome once it is refused: its producer has come this far all the same.
void Refuse(Outcome& outcome) {
  for (const EntityChange& change : outcome.changes) {
    if (change.key == outcome.subject) outcome.revision = Revision(outcome.revision.value - 1);
  }
  outcome.verdict = Verdict::kDenied;
  outcome.reason = Reason::kNone;
  outcome.marks &= mark::kLate | mark::kProducerGap;
  outcome.slot.reset();
  outcome.takes_slot = false;
  std::erase_if(outcome.changes, [](const EntityChange& change) {
    return change.key.kind != EntityKind::kProducer;
  });
}

}  // namespace

StateInMemory::StateInMemory() {
  orgs_.push_back(std::make_unique<Org>());  // the system's
  by_id_[OrgId{}] = orgs_.front().get();
}

StateInMemory::Org* StateInMemory::Find(const OrgId& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

const Connection* StateInMemory::FindConnection(const Org& org, const ConnectionId& id) {
  const auto found = org.entities.find(KeyOf(id));
  return found == org.entities.end() ? nullptr : std::get_if<Connection>(found->second.get());
}

void StateInMemory::Add(Org& org) {
  for (const EntityKey& key : keys_) {
    if (set_.Has(key)) continue;
    const auto found = org.entities.find(key);
    if (found != org.entities.end()) set_.Add(key, found->second.get());
  }
  keys_.clear();
}

void StateInMemory::Load(Org& org, const DecodedEvent& decoded, bool with_groups) {
  const Event& event = decoded.event;
  set_.org = &org.state;
  keys_.clear();
  RowsTouchedBy(event, keys_);
  Add(org);
  RowsDecidingOn(event, set_, keys_);
  Add(org);
  if (with_groups) {
    const Connection* connection = set_.Find<Connection>(SubjectOf(event));
    if (connection != nullptr) {
      for (const HeldGrant& held : connection->grants) {
        if (held.grant.principal.is_group()) keys_.push_back(KeyOf(held.grant.principal));
      }
      Add(org);
    }
  }
  const auto seen = org.window.Find(IdempotencyKeyOf(event));
  if (!seen) return;
  const uint32_t mark = RequestMarkOf(event);
  set_.seen =
      SeenRequest{seen->place, mark == 0 || seen->request_mark == 0 || mark == seen->request_mark};
}

Decided StateInMemory::Decide(const DecodedEvent& decoded, UnixMs append_time_ms,
                              const CandidateRules& rules) {
  const Event& event = decoded.event;
  Org* org = decoded.fault == DecodeFault::kNotAnEvent ? nullptr : Find(event.org);
  set_.Clear();
  set_.partition = partition_;
  set_.org = org == nullptr ? nullptr : &org->state;
  set_.system = &orgs_.front()->state;
  set_.append_time_ms = append_time_ms;
  set_.seen.reset();
  if (decoded.fault != DecodeFault::kNone) return {FoldFault(set_, decoded), std::nullopt};
  if (rules.version && event.type() != EventType::kRulesActivated) {
    set_.partition.rules = *rules.version;
  }
  if (org != nullptr) {
    Load(*org, decoded, rules.policy != nullptr && rules.policy->looks_at_relations());
  }
  Decided decided{Fold(set_, event), std::nullopt};
  if (rules.policy == nullptr || !decided.outcome.applied()) return decided;
  decided.refusal = rules.policy->RefusalOf(set_, event);
  if (decided.refusal) Refuse(decided.outcome);
  return decided;
}

Result<StateInMemory::Applied> StateInMemory::Apply(const DecodedEvent& decoded,
                                                    UnixMs append_time_ms, Decided decided) {
  Outcome& outcome = decided.outcome;
  const Event& event = decoded.event;
  if (outcome.activates_rules && *outcome.activates_rules > kRulesVersionMax) {
    return Status::FailedPrecondition("a record of the log activates rules version " +
                                      std::to_string(outcome.activates_rules->value) +
                                      ", which this build does not know (it knows up to " +
                                      std::to_string(kRulesVersionMax.value) +
                                      "); use a newer build");
  }
  Org* org = decoded.fault == DecodeFault::kNotAnEvent ? nullptr : Find(event.org);
  if (outcome.opens_org) {
    org = orgs_.emplace_back(std::make_unique<Org>()).get();
    org->state.id = event.org;
    org->state.name = *outcome.opens_org;
    org->state.slot = partition_.next_slot;
    partition_.next_slot = partition_.next_slot.Next();
    by_id_[event.org] = org;
  }
  if (org == nullptr) org = orgs_.front().get();
  const Place place{outcome.effective_time_ms, org->state.next_index};
  if (decoded.fault == DecodeFault::kNone && IsRemembered(outcome.verdict, outcome.reason)) {
    org->window.Insert(IdempotencyKeyOf(event), place, RequestMarkOf(event));
  }
  for (EntityChange& change : outcome.changes) {
    std::unique_ptr<Entity>& entity = org->entities[change.key];
    entity = std::make_unique<Entity>(std::move(change.after));
  }
  org->state.next_index = org->state.next_index.Next();
  org->state.effective_time_ms = outcome.effective_time_ms;
  if (outcome.takes_slot) ++org->state.connection_slots;
  ++partition_.records;
  if (outcome.activates_rules) partition_.rules = *outcome.activates_rules;
  if (outcome.seals) {
    ++partition_.seals;
    partition_.last_seal_append_ms = append_time_ms;
  }
  return Applied{org, place};
}

}  // namespace conntrail
