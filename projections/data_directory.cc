#include "projections/data_directory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/log/file.h"
#include "projections/outcomes/outcome_history.h"
#include "projections/rebuild.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "conntrail data directory 1\n";
constexpr PartitionId kPartition{0};
constexpr size_t kVerifyBytes = 1 << 20;

// Orgs that are opened by name get their id from it: RFC 9562 version 5 under this name space.
constexpr Uuid kOrgNameSpace{0x6b0c1d3a52f74c1eu, 0x9a4de0b7c2f58a61u};
constexpr Uuid kEventNameSpace{0x2f1e9b5074d84a3cu, 0xb6c8d1e04f739a25u};

fs::path ProjectionOf(const std::string& path) { return fs::path(path) / "projection"; }
fs::path BuildingOf(const std::string& path) { return fs::path(path) / "projection.building"; }
fs::path BeforeOf(const std::string& path) { return fs::path(path) / "projection.before"; }

Status Failed(std::string_view what, const fs::path& path, const std::error_code& error) {
  return Status::Io(fmt::format("cannot {} {}: {}", what, path.string(), error.message()));
}

// True if nothing is there but what a crash leaves of making a data directory.
bool IsFree(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().filename() != std::string("FORMAT") + kUnpublishedSuffix) return false;
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

// Rebuild moves the old projection aside before it moves the new one, whole by then, into its
// place. Whatever else lies around is of a rebuild that was cut off earlier, or done.
Status MendRebuild(const std::string& path) {
  const fs::path projection = ProjectionOf(path);
  const fs::path building = BuildingOf(path);
  const fs::path before = BeforeOf(path);
  std::error_code error;
  if (!fs::exists(projection, error) && fs::exists(before, error)) {
    const fs::path& whole = fs::exists(building, error) ? building : before;
    fs::rename(whole, projection, error);
    if (error) return Failed("move", whole, error);
  }
  for (const fs::path& left : {building, before}) {
    fs::remove_all(left, error);
    if (error) return Failed("remove", left, error);
  }
  return Status::Ok();
}

// Another key would make equal secrets look different from then on, without a word.
Status RefuseLostKey(const fs::path& key, EventLog& log) {
  std::error_code error;
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(kPartition));
  if (end.value == 0 || fs::exists(key, error)) return Status::Ok();
  return Status::FailedPrecondition(fmt::format(
      "{0} is missing, but the log has records made with it; restore it from a backup. If it is "
      "lost for good, make another (openssl rand -hex 32 > {0}; chmod 600 {0}): secrets that come "
      "later will not be recognized as equal to earlier ones",
      key.string()));
}

// A directory projects one partition: what is in others would never be seen.
Status RefuseMorePartitions(const EventLog& log) {
  if (log.partition_count() == 1) return Status::Ok();
  return Status::FailedPrecondition(
      fmt::format("the log has {} partitions, and a data directory holds one: take a topic with "
                  "one partition (conntrail kafka init --partitions 1)",
                  log.partition_count()));
}

}  // namespace

DataDirectory::~DataDirectory() {
  projector_.reset();
  // What does not get to the disk now is replayed from the log.
  if (store_ != nullptr) (void)store_->Close();
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
  CONNTRAIL_RETURN_IF_ERROR(RefuseMorePartitions(*directory->log_));
  const fs::path key = fs::path(path) / "keys" / "fingerprint.key";
  CONNTRAIL_RETURN_IF_ERROR(RefuseLostKey(key, *directory->log_));
  CONNTRAIL_ASSIGN_OR_RETURN(Fingerprinter fingerprinter,
                             Fingerprinter::OpenOrCreate(key.string()));
  directory->fingerprinter_ = std::make_unique<Fingerprinter>(std::move(fingerprinter));
  CONNTRAIL_RETURN_IF_ERROR(directory->OpenProjection());
  if (directory->opened_.outcomes_begin && directory->projector_->next().value > 0) {
    chosen.diagnostics(fmt::format(
        "outcomes are published from record {} on; conntrail outcomes publish does it for those "
        "before",
        directory->projector_->next().value));
  }
  return directory;
}

Status DataDirectory::OpenProjection() {
  CONNTRAIL_RETURN_IF_ERROR(MendRebuild(path_));
  const fs::path projection = ProjectionOf(path_);
  Projector::Options projector = options_.projector;
  projector.outcomes = SinkOf(kPartition);
  const auto open = [&]() -> Status {
    CONNTRAIL_ASSIGN_OR_RETURN(store_, RocksDbStore::Open(projection, options_.store));
    CONNTRAIL_ASSIGN_OR_RETURN(projector_, Projector::Open(*log_, *store_, kPartition, projector));
    return Status::Ok();
  };
  const Status first = open();
  if (first.code() != StatusCode::kCorruption) return first;

  // What a damaged projection knew stands in the log.
  options_.diagnostics(fmt::format("the projection is thrown away and made again from the log: {}",
                                   first.message()));
  projector_.reset();
  store_.reset();
  std::error_code error;
  fs::remove_all(projection, error);
  if (error) return Failed("remove", projection, error);
  return open();
}

OutcomeSink* DataDirectory::SinkOf(PartitionId partition) const {
  return opened_.outcomes == nullptr ? nullptr : &opened_.outcomes->sink(partition);
}

Status DataDirectory::VerifyLog() {
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log_->End(kPartition));
  for (Offset at(0); at < end;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, log_->Read(kPartition, at, kVerifyBytes));
    at = batch.records.back().offset.Next();
  }
  return Status::Ok();
}

Status DataDirectory::CatchUp(const Progress& progress) {
  return projector_->CatchUp([&](Offset next, Offset end) {
    if (progress) progress(next.value, end.value);
  });
}

Status DataDirectory::Rebuild(const Progress& progress) {
  const fs::path building = BuildingOf(path_);
  const fs::path projection = ProjectionOf(path_);
  const fs::path before = BeforeOf(path_);
  std::error_code error;
  fs::remove_all(building, error);
  if (error) return Failed("remove", building, error);
  OutcomeSink* const sink = SinkOf(kPartition);
  std::optional<OutcomesFrom> later;
  if (sink != nullptr) later.emplace(*sink, projector_->next());
  CONNTRAIL_RETURN_IF_ERROR(BuildProjection(*log_, kPartition, building, options_.store, progress,
                                            later ? &*later : nullptr));
  projector_.reset();
  (void)store_->Close();  // it is thrown away; it may be damaged
  store_.reset();
  fs::remove_all(before, error);
  if (error) return Failed("remove", before, error);
  fs::rename(projection, before, error);
  if (error) return Failed("move", projection, error);
  fs::rename(building, projection, error);
  if (error) return Failed("move", building, error);
  return OpenProjection();
}

Status DataDirectory::PublishOutcomes(const Progress& progress) {
  OutcomeSink* const sink = SinkOf(kPartition);
  if (sink == nullptr) {
    return Status::FailedPrecondition(
        "no outcomes are published from this data directory; conntraild --outcomes begins it");
  }
  return TellHistory(*store_->NewSnapshot(), kPartition, *sink, progress);
}

Result<OrgView> DataDirectory::View(const std::string& name_or_id) {
  return OrgView::Open(store_->NewSnapshot(), kPartition, name_or_id);
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
  CONNTRAIL_ASSIGN_OR_RETURN(const std::vector<OrgState> orgs,
                             OrgView::ListOrgs(*store_->NewSnapshot(), kPartition));
  const auto has_name = [&](const OrgState& org) { return org.name == name; };
  const auto known = std::find_if(orgs.begin(), orgs.end(), has_name);
  if (known != orgs.end()) {
    if (std::count_if(known, orgs.end(), has_name) == 1) return known->id;
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
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset offset, log_->Append(kPartition, event.org, bytes));
  FoldedRecord answer;
  Projector::Listener other = projector_->set_listener(nullptr);
  projector_->set_listener([&](const std::vector<FoldedRecord>& folded) {
    for (const FoldedRecord& record : folded) {
      if (record.offset == offset) answer = record;
    }
    if (other) other(folded);
  });
  const Status status = CatchUp();
  projector_->set_listener(std::move(other));
  CONNTRAIL_RETURN_IF_ERROR(status);
  return answer;
}

}  // namespace conntrail
