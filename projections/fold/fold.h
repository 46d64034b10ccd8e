#pragma once

#include <optional>
#include <vector>

#include "events/event_codec.h"
#include "projections/fold/entity.h"
#include "projections/fold/org_state.h"
#include "projections/fold/outcome.h"

namespace conntrail {

// The newest version of the rules that this build knows; it knows all from 1 on.
inline constexpr RulesVersion kRulesVersionMax{2};

// From this version on an intent counts only while the API key counts by which it came, as before
// while its application key does.
inline constexpr RulesVersion kRulesVersionApiKeys{2};

// A seal counts if at least this much of the log's time has passed since the one before.
inline constexpr UnixMs kSealIntervalMs = 1000;

// A record is recognised as the retry of an earlier one of its org within so much effective time
// and so many records.
inline constexpr UnixMs kIdempotencyWindowMs = 24 * 60 * 60 * 1000;
inline constexpr uint64_t kIdempotencyWindowRecords = 65536;

// The last earlier record with the same idempotency key that is still remembered. Whether it lies
// inside the window is the fold's to say.
struct SeenRequest {
  Place place;
  bool same_request = true;  // false: both carry a request hash and the hashes differ
};

// Limits of one entity; what would go beyond them is rejected.
inline constexpr size_t kConnectionFieldsMax = 256;
inline constexpr size_t kPolicyGrantsMax = 4096;
inline constexpr size_t kGroupMembersMax = 65536;

// All that the fold may look at besides the event: loaded by the projector before it folds.
//
// Rows that do not exist are not in the set. Holds pointers; what they point to must outlive it.
class WorkingSet {
 public:
  PartitionState partition;          // copied: small
  const OrgState* org = nullptr;     // null: the event's org has not been opened here
  const OrgState* system = nullptr;  // whose trail takes what belongs to no open org; never null
  UnixMs append_time_ms = 0;         // of the record, in the log's time
  std::optional<SeenRequest> seen;

  void Clear() { rows_.clear(); }
  void Add(const EntityKey& key, const Entity* entity) { rows_.push_back({key, entity}); }

  // The entity, or null if it does not exist (deleted ones do).
  template <typename T>
  const T* Find(const EntityKey& key) const {
    for (const Row& row : rows_) {
      if (row.key == key) return std::get_if<T>(row.entity);
    }
    return nullptr;
  }
  bool Has(const EntityKey& key) const {
    for (const Row& row : rows_) {
      if (row.key == key) return true;
    }
    return false;
  }

 private:
  struct Row {
    EntityKey key;
    const Entity* entity;
  };
  std::vector<Row> rows_;
};

// Whose history `event` belongs to; kNone: nobody's.
EntityKey SubjectOf(const Event& event);

// What the fold may look at to decide `event`, first half: known from the event alone.
void RowsTouchedBy(const Event& event, std::vector<EntityKey>& keys);

// Second half: known once the first half is loaded and by the rules in force (the groups in a
// connection's policy, an API key).
void RowsDecidingOn(const Event& event, const WorkingSet& loaded, std::vector<EntityKey>& keys);

// The key under which a retry of `event` is recognised.
Uuid IdempotencyKeyOf(const Event& event);

// Decides `event` and computes what it changes, under the rules in force (set.partition.rules).
//
// Pure and total: a function of its arguments and of nothing else (no clock, no randomness, no I/O,
// no order of hashing), with an answer for every event. Changes nothing itself. REQUIRES:
// set.partition.rules <= kRulesVersionMax; set holds the rows that RowsTouchedBy and RowsDecidingOn
// name, as far as they exist.
Outcome Fold(const WorkingSet& set, const Event& event);

// The same for bytes that could not be decoded as an event.
// REQUIRES: decoded.fault != DecodeFault::kNone.
Outcome FoldFault(const WorkingSet& set, const DecodedEvent& decoded);

}  // namespace conntrail
