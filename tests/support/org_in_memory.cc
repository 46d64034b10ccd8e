#include "tests/support/org_in_memory.h"

#include "events/base/check.h"

namespace conntrail {

std::string Words(Verdict verdict, Reason reason, uint16_t marks) {
  std::string words(VerdictName(verdict));
  if (reason != Reason::kNone) words += " " + std::string(ReasonName(reason));
  if ((marks & mark::kGap) != 0) words += " +gap";
  if ((marks & mark::kLate) != 0) words += " +late";
  if ((marks & mark::kProducerGap) != 0) words += " +producer_gap";
  return words;
}

OrgInMemory::OrgInMemory() {
  org.id = Acme();
  org.slot = OrgSlot(1);
  org.name = "Acme";
}

void OrgInMemory::Load(const std::vector<EntityKey>& keys, WorkingSet& set) const {
  for (const EntityKey& key : keys) {
    const auto found = entities_.find(key);
    if (found != entities_.end() && !set.Has(key)) set.Add(key, &found->second);
  }
}

Outcome OrgInMemory::Take(const Event& event) {
  WorkingSet set;
  set.partition = partition;
  set.system = &system;
  set.append_time_ms = now_ms;
  if (event.org == org.id) {
    set.org = &org;
    std::vector<EntityKey> keys;
    RowsTouchedBy(event, keys);
    Load(keys, set);
    keys.clear();
    RowsDecidingOn(event, set, keys);
    Load(keys, set);
    const auto seen = seen_.find(IdempotencyKeyOf(event));
    if (seen != seen_.end()) {
      const bool differs = event.request_hash && seen->second.request_hash &&
                           *event.request_hash != *seen->second.request_hash;
      set.seen = SeenRequest{seen->second.place, !differs};
    }
  } else if (event.org == system.id) {
    set.org = &system;
  }
  Outcome outcome = Fold(set, event);
  Evolve(event, outcome);
  return outcome;
}

Outcome OrgInMemory::TakeFault(const DecodedEvent& decoded) {
  WorkingSet set;
  set.partition = partition;
  set.system = &system;
  if (decoded.event.org == org.id) set.org = &org;
  set.append_time_ms = now_ms;
  Outcome outcome = FoldFault(set, decoded);
  Evolve(decoded.event, outcome);
  return outcome;
}

void OrgInMemory::Evolve(const Event& event, Outcome& outcome) {
  OrgState& trail = event.org == org.id ? org : system;
  const Place place{outcome.effective_time_ms, trail.next_index};
  for (EntityChange& change : outcome.changes) entities_[change.key] = change.after;
  if (outcome.takes_slot) ++trail.connection_slots;
  trail.next_index = trail.next_index.Next();
  trail.effective_time_ms = outcome.effective_time_ms;
  const bool remembered =
      outcome.verdict == Verdict::kApplied || outcome.verdict == Verdict::kDenied ||
      outcome.verdict == Verdict::kRejected || outcome.reason == Reason::kRevisionDiffers;
  if (remembered) seen_[IdempotencyKeyOf(event)] = {place, event.request_hash};
  ++partition.records;
  if (outcome.activates_rules) partition.rules = *outcome.activates_rules;
  if (outcome.seals) {
    ++partition.seals;
    partition.last_seal_append_ms = now_ms;
  }
}

const Connection& OrgInMemory::connection(std::string_view name) const {
  const Connection* found = Find<Connection>(KeyOf(ConnectionNamed(name)));
  CONNTRAIL_CHECK(found != nullptr);
  return *found;
}

const Use* OrgInMemory::use(std::string_view connection, std::optional<Principal> principal) const {
  return Find<Use>({EntityKind::kUse, IdNamed(connection), principal ? principal->id : Uuid{}});
}

Relation OrgInMemory::RelationOf(std::string_view connection, const Principal& account) const {
  WorkingSet set;
  set.org = &org;
  for (const auto& [key, entity] : entities_) {
    if (key.kind == EntityKind::kGroup) set.Add(key, &entity);
  }
  return conntrail::RelationOf(set, this->connection(connection), account);
}

OrgInMemory PagerOfAlice() {
  OrgInMemory acme;
  acme.Take(Intent("alice", Create("pager")));
  return acme;
}

OrgInMemory PagerShared() {
  OrgInMemory acme = PagerOfAlice();
  acme.Take(
      Intent("alice", Replace("pager", {Editor(UserNamed("alice")), Resolver(UserNamed("bob")),
                                        Viewer(UserNamed("carol"))})));
  return acme;
}

}  // namespace conntrail
