#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "events/base/clock.h"
#include "events/log/event_log.h"
#include "events/log/file.h"
#include "events/secret/fingerprint.h"
#include "projections/log_choice.h"
#include "projections/projector.h"
#include "projections/store/rocksdb_store.h"
#include "projections/views/org_view.h"

namespace conntrail {

// All that one machine keeps of a deployment:
//
//   DIR/FORMAT                   the layout's number, "conntrail data directory 1"
//   DIR/log/                     the event log, which cannot be made again; or where it is, in
//   Kafka DIR/keys/fingerprint.key     the key of the secrets' fingerprints, 0600 DIR/projection/
//   the store: can be thrown away and rebuilt from the log DIR/projection.building/     a rebuild
//   that is under way, or was cut off DIR/projection.before/       what it replaces, for a moment
//
// One process has it open at a time. Thread-safety: as of what it holds.
class DataDirectory {
 public:
  // Where something has got to: `next` of `end` records.
  using Progress = std::function<void(uint64_t next, uint64_t end)>;

  struct Options {
    bool create = false;  // make the directory if there is none; else that is kNotFound
    LogChoice log;
    const Clock* clock = &Clock::System();  // of an embedded log
    std::function<void(const std::string&)> diagnostics = [](const std::string&) {};
    Projector::Options projector;
    RocksDbStore::Options store;
  };

  // Opens log and projection and mends what a crash has left: the log's torn tail is cut, a
  // projection that is not whole is thrown away and made again by CatchUp. Each is told through
  // `diagnostics`.
  static Result<std::unique_ptr<DataDirectory>> Open(const std::string& path, Options options);

  ~DataDirectory();

  EventLog& log() { return *log_; }
  Store& store() { return *store_; }
  Projector& projector() { return *projector_; }
  // Where outcomes are published; null: nowhere.
  const OutcomesTopic* outcomes() const { return opened_.outcomes.get(); }
  const Fingerprinter& fingerprinter() const { return *fingerprinter_; }
  const std::string& path() const { return path_; }

  // Reads every record of the log once. kCorruption names the record that is not as it was written.
  Status VerifyLog();

  // Applies all that is in the log to the projection.
  Status CatchUp(const Progress& progress = nullptr);

  // Throws the projection away and makes it again from the log, in bulk. The old one stays in place
  // until the new one is whole; after a failure before that, all is as it was, after a later one
  // the directory must be opened anew. No snapshot or view of the store may be alive. Outcomes that
  // were published before are not again.
  Status Rebuild(const Progress& progress = nullptr);

  // Publishes what became of every record that is applied, whether that was done before or not.
  // kFailedPrecondition: outcomes are not published here.
  Status PublishOutcomes(const Progress& progress = nullptr);

  // The org as the projection has it. `name_or_id` is a name, or a UUID. kNotFound names those
  // there are.
  Result<OrgView> View(const std::string& name_or_id);

  // The id of an org that is opened by name: made from log-independent facts (the name), so that
  // the same import into another directory gives the same trail.
  static OrgId IdOfOrg(const std::string& name);

  // Catches up. The org of that name; opens it if there is none. An org that is opened for its past
  // to be imported begins at `since_ms`, the time of the first event of that past.
  Result<OrgId> OpenOrg(const std::string& name, std::optional<UnixMs> since_ms = std::nullopt);

  // Appends one event to the log, applies it and returns what became of it.
  Result<FoldedRecord> Submit(const Event& event);

 private:
  DataDirectory() = default;
  Status OpenProjection();
  OutcomeSink* SinkOf(PartitionId partition) const;

  std::string path_;
  Options options_;
  OpenedLog opened_;
  EventLog* log_ = nullptr;  // in opened_
  std::unique_ptr<RocksDbStore> store_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<Fingerprinter> fingerprinter_;
};

}  // namespace conntrail
