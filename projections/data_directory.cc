#include "projections/data_directory.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <numeric>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "events/log/file.h"
#include "projections/outcomes/outcome_history.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "conntrail data directory 1\n";
constexpr size_t kVerifyBytes = 1 << 20;

// Orgs that are opened by name get their id from it: RFC 9562 version 5 under this name space.
constexpr Uuid kOrgNameSpace{0x6b0c1d3a52f74c1eu, 0x9a4de0b7c2f58a61u};
constexpr Uuid kEventNameSpace{0x2f1e9b5074d84a3cu, 0xb6c8d1e04f739a25u};

Status Failed(std::string_view what, const fs::path& path, const std::error_code& error) {
  return Status::Io(fmt::format("cannot {} {}: {}", what, path.string(), error.message()));
}

// True if nothing is there but what a crash leaves of making a data directory, and the keys of
// another node of the same log, with which a new node begins.
bool IsFree(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const fs::path name = entry.path().filename();
    if (name != std::string("FORMAT") + kUnpublishedSuffix && name != "keys") return false;
  }
  return !error;
}

Status MakePrivate(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) fs::permissions(directory, fs::perms::owner_all, error);
  return error ? Failed("make", directory, error) : Status::Ok();
}

Status CheckFormat(const fs::path& directory, bool create) {
  const fs::path path = directory / "FORMAT";
  std::error_code error;
  if (fs::exists(path, error)) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text == kFormat) return Status::Ok();
    return Status::FailedPrecondition(path.string() +
                                      " names a layout that this build does not know; use the "
                                      "build that made the directory, or a newer one");
  }
  if (!create) {
    return Status::NotFound(
        directory.string() +
        " is not a data directory; `conntrail demo` or `conntrail import` make one");
  }
  if (fs::exists(directory, error) && !IsFree(directory)) {
    return Status::FailedPrecondition(directory.string() +
                                      " is not empty and no data directory; choose another place");
  }
  CONNTRAIL_RETURN_IF_ERROR(MakePrivate(directory));
  return PublishFile(directory.string(), "FORMAT", AsBytes(kFormat), nullptr).status();
}

// Another key would make equal secrets look different from then on, without a word.
Status RefuseLostKey(const fs::path& key, EventLog& log) {
  std::error_code error;
  if (fs::exists(key, error)) return Status::Ok();
  bool is_empty = true;
  for (uint16_t p = 0; is_empty && p < log.partition_count(); ++p) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(PartitionId(p)));
    is_empty = end.value == 0;
  }
  if (is_empty) return Status::Ok();
  return Status::FailedPrecondition(fmt::format(
      "{0} is missing, but the log has records made with it; copy it from another node of this "
      "log, or from a backup. If it is lost for good, make another (openssl rand -hex 32 > {0}; "
      "chmod 600 {0}): secrets that come later will not be recognized as equal to earlier ones",
      key.string()));
}

// Adds up how far each of several has got, for one who wants to see a single number.
class JointProgress {
 public:
  JointProgress(size_t count, const Projection::Progress& progress)
      : next_(count), end_(count), progress_(progress) {}

  Projection::Progress Of(size_t i) {
    if (!progress_) return nullptr;
    return [this, i](uint64_t next, uint64_t end) {
      const std::lock_guard lock(mutex_);
      next_[i] = next;
      end_[i] = end;
      progress_(std::accumulate(next_.begin(), next_.end(), uint64_t{0}),
                std::accumulate(end_.begin(), end_.end(), uint64_t{0}));
    };
  }

 private:
  std::mutex mutex_;
  std::vector<uint64_t> next_;  // guarded by mutex_
  std::vector<uint64_t> end_;   // guarded by mutex_
  const Projection::Progress& progress_;
};

}  // namespace

Status DataDirectory::Make(const std::string& path) {
  CONNTRAIL_RETURN_IF_ERROR(CheckFormat(path, true));
  return MakePrivate(fs::path(path) / "keys");
}

Result<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& path,
                                                           Options options) {
  CONNTRAIL_RETURN_IF_ERROR(CheckFormat(path, options.create));
  CONNTRAIL_RETURN_IF_ERROR(MakePrivate(fs::path(path) / "keys"));
  std::unique_ptr<DataDirectory> directory(new DataDirectory());
  directory->path_ = path;
  directory->options_ = std::move(options);
  const Options& chosen = directory->options_;
  CONNTRAIL_ASSIGN_OR_RETURN(
      directory->opened_,
      OpenLog((fs::path(path) / "log").string(), chosen.log, *chosen.clock, chosen.diagnostics));
  directory->log_ = directory->opened_.log.get();
  const fs::path key = fs::path(path) / "keys" / "fingerprint.key";
  CONNTRAIL_RETURN_IF_ERROR(RefuseLostKey(key, *directory->log_));
  CONNTRAIL_ASSIGN_OR_RETURN(Fingerprinter fingerprinter,
                             Fingerprinter::OpenOrCreate(key.string()));
  directory->fingerprinter_ = std::make_unique<Fingerprinter>(std::move(fingerprinter));
  std::vector<PartitionId> partitions;
  for (uint16_t p = 0; p < directory->log_->partition_count(); ++p) partitions.emplace_back(p);
  for (const PartitionId partition : chosen.partitions.value_or(partitions)) {
    if (partition.value >= partitions.size()) {
      return Status::InvalidArgument(fmt::format("the log has {} partitions, so none has number {}",
                                                 partitions.size(), partition.value));
    }
    CONNTRAIL_ASSIGN_OR_RETURN(const auto held, directory->Hold(partition));
    const uint64_t next = held->projector().next().value;
    if (!directory->opened_.outcomes_begin || next == 0) continue;
    chosen.diagnostics(fmt::format(
        "outcomes are published from record {} of partition {} on; conntrail outcomes publish does "
        "it for those before",
        next, partition.value));
  }
  return directory;
}

fs::path DataDirectory::PlaceOf(const std::string& path, PartitionId partition) {
  const std::string suffix = partition.value == 0 ? "" : fmt::format("-{}", partition.value);
  return fs::path(path) / ("projection" + suffix);
}

std::vector<PartitionId> DataDirectory::partitions() const {
  std::vector<PartitionId> partitions;
  for (const auto& [partition, projection] : projections_) partitions.push_back(partition);
  return partitions;
}

Projection& DataDirectory::projection(PartitionId partition) { return *Share(partition); }

std::shared_ptr<Projection> DataDirectory::Share(PartitionId partition) {
  const auto found = projections_.find(partition);
  CONNTRAIL_CHECK(found != projections_.end());
  return found->second;
}

Result<std::shared_ptr<Projection>> DataDirectory::Hold(PartitionId partition) {
  CONNTRAIL_CHECK(partition.value < log_->partition_count());
  CONNTRAIL_ASSIGN_OR_RETURN(std::shared_ptr<Projection> projection, OpenProjection(partition));
  CONNTRAIL_ASSIGN_OR_RETURN(const bool is_good, BeginWithCopy(*projection));
  if (!is_good) {
    projection.reset();
    CONNTRAIL_ASSIGN_OR_RETURN(projection, OpenProjection(partition));
  }
  const auto [held, is_new] = projections_.emplace(partition, std::move(projection));
  CONNTRAIL_CHECK(is_new);
  return held->second;
}

Result<std::shared_ptr<Projection>> DataDirectory::OpenProjection(PartitionId partition) {
  Projection::Options options;
  options.diagnostics = options_.diagnostics;
  options.projector = options_.projector;
  options.projector.outcomes = SinkOf(partition);
  options.store = options_.store;
  CONNTRAIL_ASSIGN_OR_RETURN(
      std::shared_ptr<Projection> projection,
      Projection::Open(*log_, partition, PlaceOf(path_, partition), std::move(options)));
  return projection;
}

// False: it must be opened anew, empty as it was.
Result<bool> DataDirectory::BeginWithCopy(Projection& projection) {
  const PartitionId partition = projection.partition();
  if (!options_.copies || projection.projector().next().value > 0) return true;
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log_->End(partition));
  if (end.value == 0) return true;
  const std::unique_ptr<CopyFiles> copy = options_.copies(*this, partition, end.value);
  if (copy == nullptr) return true;
  const auto begin = std::chrono::steady_clock::now();
  const Result<CopyManifest> restored = projection.Restore(*copy);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (restored.ok()) {
    options_.diagnostics(fmt::format(
        "partition {}: restored at offset {} from the copy of {}, {} "
        "bytes in {:.2f} s",
        partition.value, restored->next.value, copy->place(), restored->bytes(), took.count()));
    return true;
  }
  options_.diagnostics(
      fmt::format("partition {}: folded from the log, for the copy of {} is of no use: {}",
                  partition.value, copy->place(), restored.status().message()));
  return false;
}

void DataDirectory::Release(PartitionId partition) {
  projections_.erase(partition);
  if (opened_.outcomes != nullptr) opened_.outcomes->Forget(partition);
}

OutcomeSink* DataDirectory::SinkOf(PartitionId partition) const {
  return opened_.outcomes == nullptr ? nullptr : &opened_.outcomes->sink(partition);
}

Status DataDirectory::VerifyLog() {
  for (const PartitionId partition : partitions()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log_->End(partition));
    for (Offset at(0); at < end;) {
      CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, log_->Read(partition, at, kVerifyBytes));
      at = batch.records.back().offset.Next();
    }
  }
  return Status::Ok();
}

// As many at a time as there are processors. The first failure counts.
Status DataDirectory::ForEachProjection(
    const std::function<Status(Projection&, const Progress&)>& work, const Progress& progress) {
  JointProgress joint(projections_.size(), progress);
  std::vector<Projection*> all;
  for (const auto& [partition, projection] : projections_) all.push_back(projection.get());
  std::vector<Status> ended(all.size());
  std::atomic<size_t> taken{0};
  const auto take = [&] {
    for (size_t i = taken++; i < all.size(); i = taken++) ended[i] = work(*all[i], joint.Of(i));
  };
  std::vector<std::jthread> others;
  const size_t threads = std::min<size_t>(all.size(), std::thread::hardware_concurrency());
  for (size_t i = 1; i < threads; ++i) others.emplace_back(take);
  take();
  others.clear();  // joins
  for (const Status& status : ended) CONNTRAIL_RETURN_IF_ERROR(status);
  return Status::Ok();
}

Status DataDirectory::CatchUp(const Progress& progress) {
  return ForEachProjection(
      [](Projection& projection, const Progress& own) { return projection.CatchUp(own); },
      progress);
}

Status DataDirectory::Rebuild(const Progress& progress) {
  return ForEachProjection(
      [](Projection& projection, const Progress& own) { return projection.Rebuild(own); },
      progress);
}

Result<StateDigests> DataDirectory::Digests() {
  std::map<PartitionId, StateDigests> digests;
  for (const auto& [partition, projection] : projections_) {
    CONNTRAIL_ASSIGN_OR_RETURN(digests[partition],
                               ComputeDigests(*projection->store().NewSnapshot(), partition));
  }
  return Together(digests);
}

Result<std::vector<DataDirectory::Org>> DataDirectory::Orgs() {
  std::vector<Org> orgs;
  for (const auto& [partition, projection] : projections_) {
    CONNTRAIL_ASSIGN_OR_RETURN(std::vector<OrgState> states,
                               OrgView::ListOrgs(*projection->store().NewSnapshot(), partition));
    for (OrgState& state : states) {
      if (state.slot.value == 0) continue;
      const keys::OrgAddress address{partition, state.slot};
      orgs.push_back({address, std::move(state)});
    }
  }
  return orgs;
}

Status DataDirectory::PublishOutcomes(const Progress& progress) {
  if (opened_.outcomes == nullptr) {
    return Status::FailedPrecondition(
        "no outcomes are published from this data directory; conntraild --outcomes begins it");
  }
  return ForEachProjection(
      [this](Projection& projection, const Progress& own) {
        const PartitionId partition = projection.partition();
        return TellHistory(*projection.store().NewSnapshot(), partition, *SinkOf(partition), own);
      },
      progress);
}

Result<OrgView> DataDirectory::View(const std::string& name_or_id) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<Org> orgs, Orgs());
  std::vector<OrgState> states;
  for (const Org& org : orgs) states.push_back(org.state);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t chosen, OrgView::Choose(states, name_or_id));
  const keys::OrgAddress& address = orgs[chosen].address;
  return OrgView::OpenAt(projection(address.partition).store().NewSnapshot(), address);
}

Result<PartitionId> DataDirectory::PartitionOf(const OrgId& org) {
  if (log_->partition_count() == 1) return PartitionId(0);
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<Org> orgs, Orgs());
  for (const Org& open : orgs) {
    if (open.state.id == org) return open.address.partition;
  }
  return PartitionOfNew(org, log_->partition_count());
}

// The low half of an id that is made from a name is as good as a hash.
PartitionId DataDirectory::PartitionOfNew(const OrgId& org, uint16_t partitions) {
  return PartitionId(static_cast<uint16_t>(org.uuid.lo % partitions));
}

OrgId DataDirectory::IdOfOrg(const std::string& name) {
  return {Uuid::FromName(kOrgNameSpace, name)};
}

Result<OrgId> DataDirectory::OpenOrg(const std::string& name, std::optional<UnixMs> since_ms) {
  if (name.empty() || name.front() == '_' || name.size() > 255) {
    return Status::InvalidArgument(
        "an org's name has 1 to 255 bytes and does not begin with \"_\"");
  }
  CONNTRAIL_RETURN_IF_ERROR(CatchUp());  // it may stand in the log already
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<Org> orgs, Orgs());
  const auto has_name = [&](const Org& org) { return org.state.name == name; };
  const auto known = std::find_if(orgs.begin(), orgs.end(), has_name);
  if (known != orgs.end()) {
    if (std::count_if(known, orgs.end(), has_name) == 1) return known->state.id;
    return Status::InvalidArgument("several orgs are named \"" + name + "\"; use the id");
  }
  Event event;
  event.org = IdOfOrg(name);
  event.id = {Uuid::FromName(kEventNameSpace, "org.opened " + name)};
  event.authority = Authority::kLog;
  if (since_ms) {
    event.recorded_at_ms = since_ms;
    event.rights = right::kBackfill;
  }
  event.action = OrgOpened{name};
  CONNTRAIL_ASSIGN_OR_RETURN(const FoldedRecord folded, Submit(event));
  if (folded.line.verdict != Verdict::kApplied) {
    return Status::FailedPrecondition(fmt::format("the org \"{}\" was not opened: {} {}", name,
                                                  VerdictName(folded.line.verdict),
                                                  ReasonName(folded.line.reason)));
  }
  return event.org;
}

Result<FoldedRecord> DataDirectory::Submit(const Event& event) {
  const Bytes bytes = EncodeEvent(event);
  if (bytes.size() > kRecordBytesMax) {
    return Status::InvalidArgument(fmt::format("the event has {} bytes; at most {} can be recorded",
                                               bytes.size(), kRecordBytesMax));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const PartitionId partition, PartitionOf(event.org));
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset offset, log_->Append(partition, event.org, bytes));
  FoldedRecord answer;
  Projection& projected = projection(partition);
  Projector& projector = projected.projector();
  Projector::Listener other = projector.set_listener(nullptr);
  projector.set_listener([&](const std::vector<FoldedRecord>& folded) {
    for (const FoldedRecord& record : folded) {
      if (record.offset == offset) answer = record;
    }
    if (other) other(folded);
  });
  const Status status = projected.CatchUp();
  projector.set_listener(std::move(other));
  CONNTRAIL_RETURN_IF_ERROR(status);
  return answer;
}

}  // namespace conntrail
