#pragma once

#include <memory>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "events/log/event_log.h"
#include "projections/entity_cache.h"
#include "projections/evidence/evidence_writer.h"
#include "projections/fold/fold.h"
#include "projections/idempotency_window.h"
#include "projections/store/row_codec.h"
#include "projections/store/trail_row.h"

namespace conntrail {

// What became of one record.
struct FoldedRecord {
  Offset offset;
  OrgId org;  // the system org (nil) for what belongs to no open org
  TrailLine line;
  std::optional<OrgIndex> first;  // of a duplicate
  std::optional<uint32_t> slot;
  RulesVersion rules;
};

// Folds the records of one partition, one after the other, and turns outcomes into rows.
//
// Rows that are written once (trail, history, actor, full blocks) go into the batch at once; those
// that change again and again (entities, orgs, the partition) with WriteState. Both belong into one
// Store::Write. One thread's.
class RecordFolder {
 public:
  struct Options {
    size_t cached_entities_max = 600'000;  // about 0.5 KiB each
  };

  // `store` may be null: nothing is stored yet. It must outlive this.
  RecordFolder(PartitionId partition, const Uuid& log_id, const Store* store, Options options);
  ~RecordFolder();

  // Reads where the partition stands. Must be called once, before anything else.
  Status Load();

  // Folds `record` and appends the rows that it makes for good to `batch`.
  //
  // kFailedPrecondition: the record activates rules that this build does not know; nothing has
  // changed. Other errors are the store's; the folder must not be used any more.
  Result<FoldedRecord> Fold(const LogRecord& record, WriteBatch& batch);

  // The same for `records`, in their order; appends to `folded` what became of each. Quicker than
  // one by one, because what the next ones touch is fetched from memory while the first is decided.
  //
  // After an error `folded` tells how far it came.
  Status FoldAll(std::span<const LogRecord> records, WriteBatch& batch,
                 std::vector<FoldedRecord>& folded);

  // Appends the rows of all state that has changed since the last call. After it and until the next
  // Fold the store, with the batches written, is whole.
  void WriteState(WriteBatch& batch);

  const PartitionState& partition() const { return row_.state; }
  const PartitionRow& row() const { return row_; }

 private:
  struct Org {
    OrgState state;
    IdempotencyWindow window;
    bool window_loaded = false;
    bool changed = false;
  };

  // A record that is decoded before it is its turn.
  struct Ahead {
    DecodedEvent decoded;
    std::vector<EntityKey> touched;  // RowsTouchedBy
  };
  static void Decode(const LogRecord& record, Ahead& ahead);

  Result<Org*> LoadOrg(OrgSlot slot);
  Org* FindOrg(const OrgId& id);
  Org& OpenOrg(const OrgId& id, const std::string& name);
  Status LoadWindow(Org& org);
  Status LoadRows(OrgSlot slot, const Event& event, std::span<const EntityKey> touched);
  void FetchAhead();
  Result<FoldedRecord> FoldDecoded(const LogRecord& record, const Ahead& ahead, WriteBatch& batch);
  Result<Outcome> Decide(const LogRecord& record, const Ahead& ahead, Org* org);
  void Evolve(const LogRecord& record, const DecodedEvent& decoded, Outcome& outcome, Org& trail,
              WriteBatch& batch, FoldedRecord& folded);
  void Seal(const LogRecord& record);
  void KeepSigned(const conntrail::Seal& seal);
  void AppendHistory(const Org& trail, const TrailLine& line, Outcome& outcome, WriteBatch& batch);
  void Describe(Org& trail, const Event& event, const TrailLine& line, WriteBatch& batch);
  keys::OrgAddress AddressOf(const Org& org) const { return {partition_, org.state.slot}; }

  const PartitionId partition_;
  const Store* const store_;
  PartitionRow row_;
  EntityCache cache_;
  EvidenceWriter evidence_;
  std::vector<std::unique_ptr<Org>> orgs_;  // by slot
  boost::unordered_flat_map<OrgId, Org*, std::hash<OrgId>> orgs_by_id_;
  std::vector<Org*> changed_orgs_;

  // Reused from record to record.
  WorkingSet set_;
  std::vector<EntityKey> keys_;
  std::string value_;
  Bytes last_payload_;
  std::vector<Ahead> ahead_;
};

}  // namespace conntrail
