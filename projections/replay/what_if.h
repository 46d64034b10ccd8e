#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "events/log/event_log.h"
#include "projections/fold/entity.h"
#include "projections/fold/outcome.h"
#include "projections/replay/state_in_memory.h"

namespace conntrail {

enum class WhatIfMode {
  kEach,     // every record is judged against the state as it was
  kCascade,  // an alternative history: what is refused has no effect on what follows
};

struct WhatIfQuestion {
  WhatIfMode mode = WhatIfMode::kEach;
  std::optional<RulesVersion> rules;  // REQUIRES: between 1 and kRulesVersionMax
  CandidatePolicy policy;
  std::string org;  // by name or id; empty: all
  std::optional<UnixMs>
      from_ms;                  // effective time, inclusive; records before are folded all the same
  std::optional<UnixMs> to_ms;  // effective time, inclusive
  size_t examples_max = 10;
  size_t top_max = 10;  // of each list of those that were touched
};

struct WhatIfRun {
  size_t threads = 1;
  uint64_t records_per_second_max = 0;  // of all threads together; 0: no limit
  // Gets records done and all there are, from one thread at a time; false stops. May be null.
  std::function<bool(uint64_t done, uint64_t end)> progress;
};

// An outcome as people tell it apart: "applied", "denied key_revoked", "denied by second-person".
struct OutcomeName {
  Verdict verdict = Verdict::kNone;
  Reason reason = Reason::kNone;
  std::string refusal;  // the name of a refusal of the candidate policy

  auto operator<=>(const OutcomeName&) const = default;
  std::string ToString() const;
};

struct FlipCount {
  EventType type = EventType::kNone;
  OutcomeName before;
  OutcomeName after;
  uint64_t count = 0;

  bool operator==(const FlipCount&) const = default;
};

// One record that would have had another outcome.
struct Flip {
  PartitionId partition;
  Offset offset;
  OrgId org;
  std::string org_name;
  Place place;
  EventId event;
  EventType type = EventType::kNone;
  std::optional<Principal> actor;
  std::optional<Principal> approver;
  EntityKey subject;
  std::string subject_name;  // of a connection, as it was called then
  OutcomeName before;
  OutcomeName after;

  bool operator==(const Flip&) const = default;
};

struct TouchedConnection {
  OrgId org;
  ConnectionId connection;
  std::string name;
  uint64_t flips = 0;
  bool operator==(const TouchedConnection&) const = default;
};
struct TouchedPrincipal {
  Principal principal;
  uint64_t flips = 0;
  bool operator==(const TouchedPrincipal&) const = default;
};

struct WhatIfAnswer {
  uint64_t records = 0;  // that were judged
  uint64_t flips = 0;
  std::vector<FlipCount> counts;  // exact; sorted by type, before, after
  std::vector<Flip> examples;     // the first, by partition and offset
  uint64_t connections = 0;       // that flips are about
  uint64_t actors = 0;            // of flips
  uint64_t grantees = 0;          // whom flips would have given something, or taken it from
  std::vector<TouchedConnection> top_connections;  // most flips first
  std::vector<TouchedPrincipal> top_actors;        //
  std::vector<TouchedPrincipal> top_grantees;      //
  uint64_t different_entities = 0;  // kCascade: that the alternative history ends with

  bool operator==(const WhatIfAnswer&) const = default;
};

// Tells the whole history of `log` twice, as it was and under the candidate, and counts where the
// outcomes differ. A function of the log and the question: neither threads nor times change it.
//
// Holds the state of as many partitions as there are threads in memory (kCascade: twice), and
// counts for those that flips touch. The log may grow meanwhile; what came later is left out.
//
// kNotFound: no org is named so. kInvalidArgument: several are. kUnavailable: stopped by
// `progress`. kFailedPrecondition: the history has rules that this build does not know.
Result<WhatIfAnswer> AskWhatIf(EventLog& log, const WhatIfQuestion& question, const WhatIfRun& run);

}  // namespace conntrail
