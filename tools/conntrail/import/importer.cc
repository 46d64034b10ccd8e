#include "tools/conntrail/import/importer.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "tools/conntrail/import/directory_target.h"

namespace conntrail {
namespace {

class ImportRun {
 public:
  using Progress = std::function<void(const ImportProgress&)>;

  ImportRun(ImportTarget& target, const ImportOptions& options, const Progress& progress)
      : target_(target), options_(options), progress_(progress) {}

  Result<ImportSummary> Run();

 private:
  // A file, the event or refused line that comes next in it, and how far its producer has come.
  struct Lane {
    std::unique_ptr<ImportFile> file;
    Producer producer;
    std::optional<ImportFile::Item> head;
  };

  Status Prepare();
  Status OpenLane(ImportFile::Kind kind, const std::string& path, const std::string& producer);
  Status CheckKnown(const Event& event);
  Status Merge();
  Lane* NextLane();
  void NoteRefused(RefusedLine refused);
  bool CanRemember(const Producer& producer, uint64_t sequence);
  Status Take(Lane& lane, const Event& event);
  Status Flush();
  void Count(const TrailLine& line);
  void Report() const;

  // Where an event has come from.
  struct Line {
    std::string file;
    uint64_t number = 0;
  };

  ImportTarget& target_;
  const ImportOptions& options_;
  const Progress& progress_;
  OrgId org_;
  std::vector<Producer> known_;  // as of before the import
  std::vector<Lane> lanes_;
  std::vector<Event> group_;
  std::vector<Line> group_lines_;  // of the same
  ImportSummary summary_;
};

Status ImportRun::Prepare() {
  CONNTRAIL_ASSIGN_OR_RETURN(const ImportTarget::Org org, target_.FindOrg(options_.org));
  CONNTRAIL_ASSIGN_OR_RETURN(known_, target_.Producers());
  org_ = org.id;
  summary_.producer = "import:" + (options_.name.empty() ? org.name : options_.name);
  CONNTRAIL_RETURN_IF_ERROR(
      OpenLane(ImportFile::Kind::kObservations, options_.file, summary_.producer));
  if (options_.uses_file.empty()) return Status::Ok();
  return OpenLane(ImportFile::Kind::kUses, options_.uses_file, summary_.producer + "/uses");
}

Status ImportRun::OpenLane(ImportFile::Kind kind, const std::string& path,
                           const std::string& producer) {
  Lane lane;
  lane.producer.name = producer;
  for (const Producer& p : known_) {
    if (p.name == producer) lane.producer = p;
  }
  CONNTRAIL_ASSIGN_OR_RETURN(
      lane.file, ImportFile::Open(kind, path, {org_, producer}, lane.producer,
                                  [this](const Event& event) { return CheckKnown(event); }));
  lanes_.push_back(std::move(lane));
  return Status::Ok();
}

Status ImportRun::CheckKnown(const Event& event) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<EventId> known,
                             target_.EventNumbered(event.producer, *event.producer_sequence));
  if (!known || *known == event.id) return Status::Ok();  // none: a gap given up
  return Status::FailedPrecondition(
      fmt::format("the trail has another event with number {} of {}; is this another file than "
                  "the one imported under that name? Give it a name of its own (--name)",
                  *event.producer_sequence, event.producer));
}

// The lane whose head comes next; null at the end. A refused line has no time: it comes as soon as
// what stands before it in its file has gone.
ImportRun::Lane* ImportRun::NextLane() {
  Lane* next = nullptr;
  UnixMs next_ms = 0;
  for (Lane& lane : lanes_) {
    if (!lane.head) continue;
    const Event* event = std::get_if<Event>(&*lane.head);
    if (event == nullptr) return &lane;
    if (next != nullptr && *event->recorded_at_ms >= next_ms) continue;
    next = &lane;
    next_ms = *event->recorded_at_ms;
  }
  return next;
}

Status ImportRun::Merge() {
  for (Lane& lane : lanes_) {
    CONNTRAIL_ASSIGN_OR_RETURN(lane.head, lane.file->Next());
  }
  while (Lane* lane = NextLane()) {
    if (RefusedLine* refused = std::get_if<RefusedLine>(&*lane->head)) {
      NoteRefused(std::move(*refused));
      summary_.stopped = !options_.keep_going;
    } else {
      CONNTRAIL_RETURN_IF_ERROR(Take(*lane, std::get<Event>(*lane->head)));
    }
    if (summary_.stopped) return Status::Ok();
    CONNTRAIL_ASSIGN_OR_RETURN(lane->head, lane->file->Next());
  }
  return Status::Ok();
}

void ImportRun::NoteRefused(RefusedLine refused) {
  ++summary_.refused;
  if (summary_.refused_lines.size() >= options_.refused_lines_max) return;
  summary_.refused_lines.push_back(std::move(refused));
}

// A producer remembers Producer::kGapsMax ranges of missing numbers. With one more, either lines
// could not be brought later or lines could be brought twice.
bool ImportRun::CanRemember(const Producer& producer, uint64_t sequence) {
  if (producer.gaps.size() < Producer::kGapsMax) return true;
  const bool splits = std::any_of(producer.gaps.begin(), producer.gaps.end(), [&](const auto& gap) {
    return gap.first < sequence && sequence < gap.second;
  });
  if (sequence <= producer.high + 1 && !splits) return true;
  summary_.stopped = true;
  summary_.stopped_why = fmt::format(
      "more than {} ranges of numbers of {} are missing before {}; correct the lines that were "
      "refused, or number the lines without gaps",
      Producer::kGapsMax, producer.name, sequence);
  return false;
}

Status ImportRun::Take(Lane& lane, const Event& event) {
  if (!options_.dry_run && !CanRemember(lane.producer, *event.producer_sequence)) {
    return Status::Ok();
  }
  lane.producer.Advance(*event.producer_sequence);
  ++summary_.appended;
  if (options_.dry_run) {
    if (summary_.appended % options_.group_records_max == 0) Report();
    return Status::Ok();
  }
  group_.push_back(event);
  group_lines_.push_back({lane.file->path(), lane.file->lines().line_number()});
  return group_.size() < options_.group_records_max ? Status::Ok() : Flush();
}

Status ImportRun::Flush() {
  if (group_.empty()) return Status::Ok();
  const Result<std::vector<ImportOutcome>> outcomes = target_.Append(group_);
  if (!outcomes.ok()) summary_.appended -= group_.size();
  const std::vector<Line> lines = std::move(group_lines_);
  group_.clear();
  group_lines_.clear();
  if (!outcomes.ok()) return outcomes.status();
  for (size_t i = 0; i < outcomes->size(); ++i) {
    const ImportOutcome& outcome = (*outcomes)[i];
    if (outcome.fate == ImportOutcome::Fate::kRecorded) Count(outcome.line);
    if (outcome.fate != ImportOutcome::Fate::kRefused) continue;
    --summary_.appended;
    NoteRefused({lines[i].file, lines[i].number, outcome.why});
    summary_.stopped = summary_.stopped || !options_.keep_going;
  }
  Report();
  return Status::Ok();
}

void ImportRun::Count(const TrailLine& line) {
  ++summary_.by_verdict[static_cast<size_t>(line.verdict)];
  summary_.gaps += (line.marks & mark::kGap) != 0;
  summary_.late += (line.marks & mark::kLate) != 0;
  summary_.producer_gaps += (line.marks & mark::kProducerGap) != 0;
}

void ImportRun::Report() const {
  if (!progress_) return;
  ImportProgress progress;
  progress.appended = summary_.appended;
  progress.bytes_total = 0;
  for (const Lane& lane : lanes_) {
    const LineReader& lines = lane.file->lines();
    progress.lines += lines.line_number();
    progress.bytes_read += lines.bytes_read();
    if (!lines.bytes_total()) progress.bytes_total.reset();
    if (progress.bytes_total) *progress.bytes_total += *lines.bytes_total();
  }
  progress_(progress);
}

Result<ImportSummary> ImportRun::Run() {
  const auto begin = std::chrono::steady_clock::now();
  CONNTRAIL_RETURN_IF_ERROR(Prepare());
  const Status merged = Merge();
  const Status flushed = Flush();  // what was good before a fault stays
  if (merged.code() == StatusCode::kCorruption) {
    return Status::Corruption(fmt::format("{}; the {} events before it were appended",
                                          merged.message(), summary_.appended));
  }
  CONNTRAIL_RETURN_IF_ERROR(merged);
  CONNTRAIL_RETURN_IF_ERROR(flushed);
  for (const Lane& lane : lanes_) {
    summary_.lines += lane.file->lines().line_number();
    summary_.already_there += lane.file->already_there();
  }
  summary_.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return std::move(summary_);
}

}  // namespace

Result<ImportSummary> Import(ImportTarget& target, const ImportOptions& options,
                             const std::function<void(const ImportProgress&)>& progress) {
  return ImportRun(target, options, progress).Run();
}

Result<ImportSummary> Import(DataDirectory* directory, const ImportOptions& options,
                             const std::function<void(const ImportProgress&)>& progress) {
  if (options.org.empty()) return Status::InvalidArgument("an import needs the name of an org");
  CONNTRAIL_CHECK(directory != nullptr || options.dry_run);
  DirectoryTarget target(directory, options.dry_run);
  return Import(target, options, progress);
}

}  // namespace conntrail
