#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "events/log/event_log.h"
#include "projections/fold/fold.h"
#include "projections/idempotency_window.h"
#include "projections/replay/candidate_policy.h"

namespace conntrail {

// Under which rules a history is told, where they are others than those in force.
struct CandidateRules {
  std::optional<RulesVersion> version;      // from the first record to the last
  const CandidatePolicy* policy = nullptr;  // refuses some of what these apply
};

// What became of a record, or would have.
struct Decided {
  Outcome outcome;
  std::optional<size_t> refusal;  // of the candidate policy; the verdict is kDenied

  bool Agrees(const Decided& other) const {
    return outcome.verdict == other.outcome.verdict && outcome.reason == other.outcome.reason &&
           refusal == other.refusal;
  }
};

// The state of one partition in memory, with no rows of anything: decides records as RecordFolder
// does, and takes over what they change. What is asked of it before Apply is asked of the state as
// it was. One thread's.
class StateInMemory {
 public:
  struct Org {
    OrgState state;  // without counts and blocks
    IdempotencyWindow window;
    boost::unordered_flat_map<EntityKey, std::unique_ptr<Entity>, std::hash<EntityKey>> entities;
  };

  StateInMemory();

  // Decides the record under the rules in force, or under `rules`. Changes nothing.
  //
  // The log's change of the rules themselves is decided by those in force in either case.
  // REQUIRES: rules.version and the version in force are among those that this build knows.
  Decided Decide(const DecodedEvent& decoded, UnixMs append_time_ms, const CandidateRules& rules);

  // Takes over what `decided` makes of the record; returns its place and the org whose trail has
  // it. kFailedPrecondition: it activates rules that this build does not know.
  struct Applied {
    Org* org = nullptr;
    Place place;
  };
  Result<Applied> Apply(const DecodedEvent& decoded, UnixMs append_time_ms, Decided decided);

  // Null: it has not been opened.
  Org* Find(const OrgId& id);
  const std::vector<std::unique_ptr<Org>>& orgs() const { return orgs_; }  // by slot
  const PartitionState& partition() const { return partition_; }

  // Null: never seen.
  static const Connection* FindConnection(const Org& org, const ConnectionId& id);

 private:
  void Load(Org& org, const DecodedEvent& decoded, bool with_groups);
  void Add(Org& org);

  PartitionState partition_;
  std::vector<std::unique_ptr<Org>> orgs_;
  boost::unordered_flat_map<OrgId, Org*, std::hash<OrgId>> by_id_;
  WorkingSet set_;
  std::vector<EntityKey> keys_;
};

}  // namespace conntrail
