#pragma once

#include <map>
#include <string>
#include <string_view>

#include "projections/fold/access.h"
#include "projections/fold/fold.h"
#include "tests/support/actions.h"
#include "tests/support/event_builder.h"
#include "tests/support/manual_clock.h"

namespace conntrail {

// "denied editor_relation_required", "applied gap_before_differs +gap +late": an outcome in words.
std::string Words(Verdict verdict, Reason reason, uint16_t marks);
inline std::string Words(const Outcome& outcome) {
  return Words(outcome.verdict, outcome.reason, outcome.marks);
}

// The state of Acme and of the system org, without anything around the fold: what the fold is given
// are copies of exactly the rows that it says it needs, and what it changes is put back.
class OrgInMemory {
 public:
  // Acme has been opened and nothing else has happened.
  OrgInMemory();

  // Folds `event`, appended at now_ms, and takes over what it changes.
  Outcome Take(const Event& event);
  Outcome TakeFault(const DecodedEvent& decoded);
  // The same in words.
  std::string Says(const Event& event) { return Words(Take(event)); }

  // The entity, or null.
  template <typename T>
  const T* Find(const EntityKey& key) const {
    const auto found = entities_.find(key);
    return found == entities_.end() ? nullptr : std::get_if<T>(&found->second);
  }
  // REQUIRES: it exists.
  const Connection& connection(std::string_view name) const;
  const Use* use(std::string_view connection, std::optional<Principal> principal) const;

  // The relation that `account` holds now.
  Relation RelationOf(std::string_view connection, const Principal& account) const;

  UnixMs now_ms = kNoonMs;
  PartitionState partition;
  OrgState org;
  OrgState system;

 private:
  void Evolve(const Event& event, Outcome& outcome);
  void Load(const std::vector<EntityKey>& keys, WorkingSet& set) const;

  std::map<EntityKey, Entity> entities_;
  struct Seen {
    Place place;
    std::optional<Digest> request_hash;
  };
  std::map<Uuid, Seen> seen_;
};

// Acme with one connection, `pager`, that alice has created: she is its editor, all others of Acme
// are its viewers.
OrgInMemory PagerOfAlice();

// The same with a policy: alice is editor, bob resolver, carol viewer and nobody else anything.
OrgInMemory PagerShared();

}  // namespace conntrail
