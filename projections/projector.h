#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "events/log/event_log.h"
#include "projections/outcomes/outcome_sink.h"
#include "projections/record_folder.h"
#include "projections/store/store.h"

namespace conntrail {

// Keeps a store in step with one partition of a log: reads records, folds them, writes what comes
// of them.
//
// Crash at any moment: the store is at some earlier record, and Open goes on from there; nothing is
// lost and nothing is applied twice, because the applied offset is written with the rows. One
// thread's. Log and store must outlive it; nobody else may write the store's partition.
class Projector {
 public:
  struct Options {
    RecordFolder::Options folder;
    size_t read_bytes_max = size_t{4} << 20;
    // Far behind, a batch grows to this, for large batches cost least (RocksDbStore::Write).
    size_t batch_bytes_max = size_t{48} << 20;
    size_t batch_records_max = 1'000'000;
    // Gets all records of a batch before the batch is written. Null: nobody does. Must outlive the
    // projector.
    OutcomeSink* outcomes = nullptr;
  };

  // Checks that the store was made from this log: same log id, not ahead of it, and the last
  // applied record still there with the same bytes. kFailedPrecondition or kCorruption tell what
  // does not fit.
  static Result<std::unique_ptr<Projector>> Open(EventLog& log, Store& store, PartitionId partition,
                                                 Options options);
  static Result<std::unique_ptr<Projector>> Open(EventLog& log, Store& store,
                                                 PartitionId partition) {
    return Open(log, store, partition, Options());
  }

  // Called with each batch's records after their rows have been written.
  using Listener = std::function<void(const std::vector<FoldedRecord>&)>;
  // Returns the one before.
  Listener set_listener(Listener listener) { return std::exchange(listener_, std::move(listener)); }

  // Applies the next records, at most one batch; returns how many (0: in step with the log).
  //
  // kUnavailable: the log does not answer, or outcomes cannot be told just now; Step may be called
  // again, and goes on with the same batch. After any other failure the projector must be opened
  // anew. The store is as before the batch.
  Result<size_t> Step();

  // Steps until the log's end of the moment it is called. `progress` may be null; it gets the next
  // offset and that end.
  Status CatchUp(const std::function<void(Offset next, Offset end)>& progress = nullptr);

  Offset next() const { return next_; }
  const PartitionState& partition() const { return folder_->partition(); }

 private:
  Projector(EventLog& log, Store& store, PartitionId partition, Options options);
  Status CheckAnchor();
  Status FoldBatch();
  Result<bool> FoldPending();

  EventLog& log_;
  Store& store_;
  const PartitionId partition_;
  const Options options_;
  std::unique_ptr<RecordFolder> folder_;
  Offset next_;
  Listener listener_;
  WriteBatch batch_;
  std::vector<FoldedRecord> folded_;
  bool is_folded_ = false;  // batch_ is whole, and not written yet
  ReadBatch pending_;       // read, but not applied from pending_at_ on
  size_t pending_at_ = 0;
};

}  // namespace conntrail
