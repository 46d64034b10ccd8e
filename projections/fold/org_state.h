#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "projections/fold/entity.h"

namespace conntrail {

// Records of an org are described in blocks of this many, so that a search can pass over those
// without a hit. Stored; never change.
inline constexpr uint64_t kBlockRecords = 256;

// What a block of an org's trail holds: which types of event with which verdicts, and which numbers
// of which producers. An empty block has `count` 0.
struct TrailBlock {
  struct Numbers {
    EntityKey producer;
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const Numbers&) const = default;
  };
  uint32_t count = 0;
  Place first;
  Place last;
  uint64_t applied_types = 0;  // bit EventType of records that were applied
  uint64_t other_types = 0;    // and of those that were not
  uint16_t verdicts = 0;       // bit Verdict
  uint16_t marks = 0;          // marks that any record of it has
  std::vector<Numbers> producers;

  bool operator==(const TrailBlock&) const = default;
};

// How many records of a type had a verdict.
struct TypeCount {
  EventType type = EventType::kNone;
  uint8_t verdict = 0;  // Verdict
  uint64_t count = 0;

  bool operator==(const TypeCount&) const = default;
};

// What is true of an org beside its entities.
struct OrgState {
  OrgId id;
  OrgSlot slot;
  std::string name;
  OrgIndex next_index;            // how many records its trail has
  UnixMs effective_time_ms = 0;   // of its last record; never goes back
  uint32_t connection_slots = 0;  // how many connections it ever had
  std::vector<TypeCount> counts;  // sorted by type and verdict
  TrailBlock open_block;          // of the records from next_index - open_block.count on

  bool operator==(const OrgState&) const = default;
};

// What is true of a partition beside its orgs.
struct PartitionState {
  RulesVersion rules{1};
  OrgSlot next_slot{1};  // slot 0 is the system org
  uint64_t seals = 0;
  UnixMs last_seal_append_ms = 0;
  uint64_t records = 0;  // folded so far; the sum of all orgs' next_index

  bool operator==(const PartitionState&) const = default;
};

}  // namespace conntrail
