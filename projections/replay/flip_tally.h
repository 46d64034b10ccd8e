#pragma once

#include <map>
#include <unordered_map>

#include "projections/replay/what_if.h"

namespace conntrail {

// Counts the flips of one partition, and then adds those of others. One thread's.
class FlipTally {
 public:
  // `question` must outlive this.
  FlipTally(const WhatIfQuestion& question, PartitionId partition)
      : question_(&question), partition_(partition) {}

  // A record whose outcome does not change.
  void Judge() { ++records_; }
  // One whose outcome does. `state` is as it was before the record.
  void Judge(const StateInMemory::Org& org, const Place& place, Offset offset, const Event& event,
             const Decided& before, const Decided& after);

  // Adds what a later partition has.
  void Add(FlipTally other);

  WhatIfAnswer Take();

 private:
  using Kind = std::tuple<EventType, OutcomeName, OutcomeName>;
  struct Touched {
    std::string name;
    uint64_t flips = 0;
  };
  using Connections = std::map<std::pair<OrgId, ConnectionId>, Touched>;
  using Principals = std::map<Principal, uint64_t>;

  OutcomeName NameOf(const Decided& decided) const;

  const WhatIfQuestion* question_;
  PartitionId partition_;
  uint64_t records_ = 0;
  uint64_t flips_ = 0;
  std::map<Kind, uint64_t> counts_;
  std::vector<Flip> examples_;
  Connections connections_;
  Principals actors_;
  Principals grantees_;
};

}  // namespace conntrail
