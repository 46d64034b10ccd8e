#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/base/clock.h"
#include "events/log/event_log.h"
#include "events/log/file.h"
#include "events/secret/fingerprint.h"
#include "projections/log_choice.h"
#include "projections/projection.h"
#include "projections/state_digest.h"
#include "projections/views/org_view.h"

namespace conntrail {

// All that one machine keeps of a deployment:
//
//   DIR/FORMAT                the layout's number, "conntrail data directory 1"
//   DIR/log/                  the event log, which cannot be made again; or where it is, in Kafka
//   DIR/keys/fingerprint.key  the key of the secrets' fingerprints, 0600
//   DIR/projection/           partition 0 as rows (projections/projection.h)
//   DIR/projection-1/ ...     the other partitions; beside each, what projection_places.h says
//
// One process has it open at a time. Thread-safety: as of what it holds; Hold and Release exclude
// everything else.
class DataDirectory {
 public:
  // Where something has got to: `next` of `end` records, of all partitions together.
  using Progress = Projection::Progress;

  struct Options {
    bool create = false;  // make the directory if there is none; else that is kNotFound
    LogChoice log;
    // Which partitions are projected here from the start; nullopt: all that the log has.
    std::optional<std::vector<PartitionId>> partitions;
    const Clock* clock = &Clock::System();  // of an embedded log
    std::function<void(const std::string&)> diagnostics = [](const std::string&) {};
    // Where a partition may be had of which nothing is here, and so many records in the log; null:
    // nowhere. What comes of it is told through `diagnostics`; if nothing does, the log is folded.
    // Called where one is held, with what is open by then: log and fingerprinter.
    std::function<std::unique_ptr<CopyFiles>(const DataDirectory&, PartitionId, uint64_t records)>
        copies;
    Projector::Options projector;
    RocksDbStore::Options store;
  };

  // Makes an empty data directory, without a log; nothing if there is one. kFailedPrecondition as
  // of Open with `create`.
  static Status Make(const std::string& path);

  // Opens log and projection and mends what a crash has left: the log's torn tail is cut, a
  // projection that is not whole is thrown away and made again by CatchUp. Each is told through
  // `diagnostics`.
  static Result<std::unique_ptr<DataDirectory>> Open(const std::string& path, Options options);

  EventLog& log() { return *log_; }
  // Where outcomes are published; null: nowhere.
  const OutcomesTopic* outcomes() const { return opened_.outcomes.get(); }
  const Fingerprinter& fingerprinter() const { return *fingerprinter_; }
  const std::string& path() const { return path_; }
  // As LogChoice::log says it.
  const std::string& log_address() const { return opened_.address; }

  // Those that are projected here, in ascending order.
  std::vector<PartitionId> partitions() const;
  // REQUIRES: `partition` is projected here.
  Projection& projection(PartitionId partition = PartitionId(0));
  std::shared_ptr<Projection> Share(PartitionId partition);
  // Begins to project `partition`, from where it stood here before. REQUIRES: the log has it, and
  // it is not projected here yet.
  Result<std::shared_ptr<Projection>> Hold(PartitionId partition);
  // Ends that; what it has is kept on the disk. Whoever keeps the projection may use it on.
  void Release(PartitionId partition);

  // Where the projection of a partition is in the data directory `path`, or would be.
  static std::filesystem::path PlaceOf(const std::string& path, PartitionId partition);
  // Who is told what becomes of records of a partition; null: nobody.
  OutcomeSink* SinkOf(PartitionId partition) const;

  // Reads every record of the partitions that are projected here once. kCorruption names the record
  // that is not as it was written.
  Status VerifyLog();

  // Each partition as Projection does; several at a time. `progress` is called by one thread at a
  // time. The first failure is returned, once all have ended.
  Status CatchUp(const Progress& progress = nullptr);
  // Outcomes that were published before are not again.
  Status Rebuild(const Progress& progress = nullptr);

  // Publishes what became of every record that is applied, whether that was done before or not.
  // kFailedPrecondition: outcomes are not published here.
  Status PublishOutcomes(const Progress& progress = nullptr);

  // What they all amount to (state_digest.h).
  Result<StateDigests> Digests();

  // All orgs of the partitions that are projected here, by partition and slot; those of the system
  // are left out.
  struct Org {
    keys::OrgAddress address;
    OrgState state;
  };
  Result<std::vector<Org>> Orgs();

  // The org as the projection has it. `name_or_id` is a name, or a UUID. kNotFound names those
  // there are; kInvalidArgument: several have that name.
  Result<OrgView> View(const std::string& name_or_id);

  // The partition in which the org is; if it is not open, in which it would be opened.
  Result<PartitionId> PartitionOf(const OrgId& org);
  // That of an org that is opened in a log with so many partitions.
  static PartitionId PartitionOfNew(const OrgId& org, uint16_t partitions);

  // The id of an org that is opened by name: made from log-independent facts (the name), so that
  // the same import into another directory gives the same trail.
  static OrgId IdOfOrg(const std::string& name);

  // Catches up. The org of that name; opens it if there is none. An org that is opened for its past
  // to be imported begins at `since_ms`, the time of the first event of that past.
  Result<OrgId> OpenOrg(const std::string& name, std::optional<UnixMs> since_ms = std::nullopt);

  // Appends one event to the partition of its org, applies it and returns what became of it.
  Result<FoldedRecord> Submit(const Event& event);

 private:
  DataDirectory() = default;
  Status ForEachProjection(const std::function<Status(Projection&, const Progress&)>& work,
                           const Progress& progress);
  Result<std::shared_ptr<Projection>> OpenProjection(PartitionId partition);
  Result<bool> BeginWithCopy(Projection& projection);

  std::string path_;
  Options options_;
  OpenedLog opened_;
  EventLog* log_ = nullptr;  // in opened_
  std::map<PartitionId, std::shared_ptr<Projection>> projections_;
  std::unique_ptr<Fingerprinter> fingerprinter_;
};

}  // namespace conntrail
