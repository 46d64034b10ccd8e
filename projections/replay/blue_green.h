#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "events/log/event_log.h"
#include "projections/evidence/signed_heads.h"
#include "projections/outcomes/outcome_sink.h"
#include "projections/projection_places.h"
#include "projections/projector.h"
#include "projections/replay/store_compare.h"
#include "projections/store/rocksdb_store.h"

namespace conntrail {

// What is about to take the place of a partition's projection, compared with that.
struct CandidateReport {
  uint64_t next = 0;         // records that the candidate has applied
  std::string unreadable;    // why this build cannot read the one that serves; "": it can
  bool has_serving = false;  // there is one at all
  StoreComparison comparison;
  uint64_t signed_heads = 0;  // that the candidate was compared with

  // The candidate is what was signed, and the same as the one that serves as far as that can be
  // read.
  bool agrees() const { return !comparison.difference; }
};

// Changes which store a partition's projection consists of: builds another one beside the one that
// serves, or takes the one that was kept; brings both in step with the log and compares them; then
// they change places. Until then the one that serves is as it was, but for catching up.
//
// One thread's, and nobody else may have the projection open.
class BlueGreen {
 public:
  struct Options {
    RocksDbStore::Options store;
    // Who is told what becomes of records; null: nobody. Must outlive this.
    OutcomeSink* outcomes = nullptr;
    // What this machine has signed; may be null.
    const SignedHeads* signed_heads = nullptr;
    std::function<void(uint64_t next, uint64_t end)> progress;
  };
  // `log` must outlive it.
  BlueGreen(EventLog& log, PartitionId partition, std::filesystem::path serving, Options options);
  ~BlueGreen();

  // Mends what a crash has left, and looks at what is there. Must be called first.
  Status Open();

  // Builds a store beside, from the log. With `tells_all` outcomes of all records are told if the
  // one that serves cannot be read, since nobody knows how far it came.
  Result<CandidateReport> Build(bool tells_all);
  // The one that was built serves from now on; the old one is kept if `keeps`, and with that no
  // older one. REQUIRES: Build returned ok last.
  Status Switch(bool keeps);
  // Removes what was built.
  Status Forget();

  // Brings the one that was kept in step with the log. kNotFound: none was. kFailedPrecondition:
  // this build cannot read it.
  Result<CandidateReport> OpenKept();
  // It serves from now on, and the other is kept. REQUIRES: OpenKept returned ok last, or this
  // build cannot read it and shall not.
  Status Return();

  bool HasKept() const { return places_.HasKept(); }

 private:
  struct Opened {
    std::unique_ptr<RocksDbStore> store;
    std::unique_ptr<Projector> projector;
  };
  Result<Opened> OpenAt(const std::filesystem::path& path, OutcomeSink* outcomes);
  Status CatchUpBoth();
  Result<CandidateReport> Compare();
  Status CompareSigned(CandidateReport& report);
  static Status Close(Opened& opened);

  EventLog& log_;
  const PartitionId partition_;
  const ProjectionPlaces places_;
  const Options options_;
  std::optional<OutcomesFrom> later_;
  std::string unreadable_;
  Opened serving_;
  Opened candidate_;
};

}  // namespace conntrail
