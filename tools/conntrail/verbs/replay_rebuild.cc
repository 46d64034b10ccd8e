#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "projections/merkle/checkpoint.h"
#include "projections/replay/blue_green.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/replay_stores.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {
  bool yes = false;
  bool accepts_difference = false;
  bool unread = false;  // return: for another build
  int keep = 1;
  size_t threads = 0;
};

// One partition, and what would take its place.
struct Change {
  PartitionId partition;
  std::unique_ptr<BlueGreen> stores;
  CandidateReport report;
  Status status;
};

// All of them, with what they need.
struct Changes {
  std::unique_ptr<DataDirectory> directory;
  std::unique_ptr<SignedHeads> signed_heads;
  std::vector<Change> all;
  double seconds = 0;

  const Difference* difference() const {
    for (const Change& one : all) {
      if (one.report.comparison.difference) return &*one.report.comparison.difference;
    }
    return nullptr;
  }
  uint64_t records() const {
    uint64_t sum = 0;
    for (const Change& one : all) sum += one.report.next;
    return sum;
  }
};

Result<std::unique_ptr<Changes>> Open(Session& session, bool all_partitions,
                                      const std::function<void(size_t, uint64_t, uint64_t)>& tell) {
  auto changes = std::make_unique<Changes>();
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string path, session.DirectoryPath());
  CONNTRAIL_ASSIGN_OR_RETURN(changes->directory, OpenLogAlone(session, path));
  CONNTRAIL_ASSIGN_OR_RETURN(changes->signed_heads, OpenSignedHeads(path));
  DataDirectory& directory = *changes->directory;
  std::vector<PartitionId> here, all;
  for (uint16_t p = 0; p < directory.log().partition_count(); ++p) {
    const ProjectionPlaces places(DataDirectory::PlaceOf(path, PartitionId(p)));
    all.emplace_back(p);
    if (places.HasServing() || places.HasKept()) here.emplace_back(p);
  }
  // Without any, the directory is a new one: then it gets all.
  if (here.empty() && all_partitions) here = all;
  for (const PartitionId partition : here) {
    BlueGreen::Options options;
    options.outcomes = directory.SinkOf(partition);
    options.signed_heads = changes->signed_heads.get();
    options.progress = [tell, i = changes->all.size()](uint64_t next, uint64_t end) {
      tell(i, next, end);
    };
    Change& change = changes->all.emplace_back();
    change.partition = partition;
    change.stores = std::make_unique<BlueGreen>(directory.log(), partition,
                                                DataDirectory::PlaceOf(path, partition), options);
    CONNTRAIL_RETURN_IF_ERROR(change.stores->Open());
  }
  return changes;
}

// Does `work` for all, several at a time.
Status ForEach(Changes& changes, size_t threads,
               const std::function<Result<CandidateReport>(Change&)>& work) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<size_t> taken = 0;
  const auto take = [&] {
    for (size_t i; (i = taken++) < changes.all.size();) {
      Change& change = changes.all[i];
      Result<CandidateReport> report = work(change);
      change.status = report.status();
      if (report.ok()) change.report = std::move(report).value();
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t i = 1; i < std::min(threads, changes.all.size()); ++i) others.emplace_back(take);
    take();
  }
  for (const Change& change : changes.all) CONNTRAIL_RETURN_IF_ERROR(change.status);
  return Status::Ok();
}

// Adds up how far they are, for one line.
class JointProgress {
 public:
  JointProgress(Session& session, std::string doing)
      : progress_(std::move(doing), session.settings().quiet), watch_(session.Watch(progress_)) {}

  void Tell(size_t i, uint64_t next, uint64_t end) {
    const std::lock_guard lock(mutex_);
    if (next_.size() <= i) {
      next_.resize(i + 1);
      end_.resize(i + 1);
    }
    next_[i] = next;
    end_[i] = end;
    uint64_t done = 0, all = 0;
    for (size_t k = 0; k < next_.size(); ++k) {
      done += next_[k];
      all += end_[k];
    }
    watch_(done, all);
  }
  double Finish() {
    const double seconds = progress_.seconds();
    progress_.Finish();
    return seconds;
  }

 private:
  std::mutex mutex_;
  std::vector<uint64_t> next_, end_;
  Progress progress_;
  const DataDirectory::Progress watch_;
};

void WriteChange(JsonWriter& out, const Change& change) {
  const StoreComparison& comparison = change.report.comparison;
  const auto text = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    out.Name(name);
    out.Text(value);
  };
  out.BeginObject();
  if (comparison.common) {
    out.Name("common_seal");
    out.Uint(comparison.common->number);
    text("heads_root", merkle::HashText(comparison.common->seal.heads_root));
  }
  if (comparison.difference) WriteDifference(out, "difference", *comparison.difference);
  out.Name("next_offset");
  out.Uint(change.report.next);
  text("outcomes", comparison.digests.outcomes);
  out.Name("partition");
  out.Uint(change.partition.value);
  out.Name("signed_heads");
  out.Uint(change.report.signed_heads);
  text("state", comparison.digests.state);
  text("unreadable", change.report.unreadable);
  out.EndObject();
}

std::string SealText(const StoreComparison& comparison) {
  if (!comparison.common) return "no seal in common";
  return fmt::format("seal {}, heads root {}", comparison.common->number,
                     merkle::HashText(comparison.common->seal.heads_root));
}

void Write(Session& session, const Changes& changes, bool changed, std::string_view done) {
  const double seconds = std::max(changes.seconds, 0.001);
  JsonWriter out;
  out.BeginObject();
  out.Name("changed");
  out.Bool(changed);
  out.Name("equal");
  out.Bool(changes.difference() == nullptr);
  out.Name("partitions");
  out.BeginArray();
  std::vector<std::vector<Cell>> lines;
  for (const Change& one : changes.all) {
    WriteChange(out, one);
    const CandidateReport& report = one.report;
    lines.push_back({fmt::format("partition {}", one.partition.value),
                     fmt::format("{} records, {}", report.next, SealText(report.comparison))});
    if (!report.unreadable.empty()) {
      lines.push_back({"", Cell("not compared with the one that serves: " + report.unreadable,
                                Shade::kWarning)});
    } else if (report.has_serving) {
      lines.push_back(
          {"", report.agrees()
                   ? Cell(report.comparison.has_digests ? "the same as the one that serves"
                                                        : "the same up to that seal",
                          Shade::kGood)
                   : Cell(report.comparison.difference->ToString(), Shade::kBad)});
    }
    if (report.comparison.digests.state.empty()) continue;
    lines.push_back({"", "state " + report.comparison.digests.state});
    lines.push_back({"", "outcomes " + report.comparison.digests.outcomes});
  }
  out.EndArray();
  out.Name("records");
  out.Uint(changes.records());
  out.Name("took_ms");
  out.Uint(static_cast<uint64_t>(changes.seconds * 1000));
  out.EndObject();
  lines.push_back({"took", fmt::format("{:.2f} s, {:.0f} records/s", changes.seconds,
                                       static_cast<double>(changes.records()) / seconds)});
  lines.push_back({"done", Cell(std::string(done), changed ? Shade::kGood : Shade::kWarning)});
  WriteDocument(session.sink(), session.style(), lines, out.Take());
}

Result<ExitCode> Rebuild(Session& session, const Options& options) {
  JointProgress progress(session, "building");
  CONNTRAIL_ASSIGN_OR_RETURN(const auto changes,
                             Open(session, true, [&](size_t i, uint64_t next, uint64_t end) {
                               progress.Tell(i, next, end);
                             }));
  CONNTRAIL_RETURN_IF_ERROR(ForEach(*changes, options.threads, [&](Change& change) {
    return change.stores->Build(options.yes);
  }));
  changes->seconds = progress.Finish();
  const bool may = changes->difference() == nullptr || options.accepts_difference;
  const bool switches = options.yes && may;
  for (Change& change : changes->all) {
    CONNTRAIL_RETURN_IF_ERROR(switches ? change.stores->Switch(options.keep > 0)
                                       : change.stores->Forget());
  }
  if (switches) {
    Write(session, *changes, true,
          options.keep > 0 ? "switched; the old one is kept: conntrail replay return goes back"
                           : "switched; the old one is removed");
    return ExitCode::kOk;
  }
  Write(session, *changes, false,
        !may && options.yes
            ? "nothing, for they differ; --accept-difference switches all the same"
            : "nothing: this was a dry run; --yes builds it again and puts it in place");
  return changes->difference() == nullptr ? ExitCode::kOk : ExitCode::kDiffers;
}

Result<ExitCode> Return(Session& session, const Options& options) {
  JointProgress progress(session, "catching up");
  CONNTRAIL_ASSIGN_OR_RETURN(const auto changes,
                             Open(session, false, [&](size_t i, uint64_t next, uint64_t end) {
                               progress.Tell(i, next, end);
                             }));
  std::erase_if(changes->all, [](const Change& change) { return !change.stores->HasKept(); });
  if (changes->all.empty()) {
    return Status::NotFound("no projection is kept in " + changes->directory->path() +
                            "; conntrail replay rebuild --yes keeps the one that it replaces");
  }
  if (!options.unread) {
    CONNTRAIL_RETURN_IF_ERROR(ForEach(*changes, options.threads,
                                      [](Change& change) { return change.stores->OpenKept(); }));
  }
  changes->seconds = progress.Finish();
  const bool is_equal = changes->difference() == nullptr;
  if (!options.yes || (!is_equal && !options.accepts_difference)) {
    Write(session, *changes, false,
          options.yes ? "nothing, for they differ; --accept-difference goes back all the same"
                      : "nothing: this was a dry run; --yes puts the kept one in place");
    return is_equal ? ExitCode::kOk : ExitCode::kDiffers;
  }
  for (Change& change : changes->all) CONNTRAIL_RETURN_IF_ERROR(change.stores->Return());
  Write(session, *changes, true, "went back; the other one is kept");
  return ExitCode::kOk;
}

void AddShared(CLI::App& verb, CommandLine& line, Options& options) {
  verb.add_flag("--yes", options.yes, "Do it; else it is only told");
  verb.add_flag("--accept-difference", options.accepts_difference,
                "Also if it is not equal to the one that serves, or to what was signed");
  verb.add_option("--threads", options.threads, "At most so many partitions at a time")
      ->type_name("N");
  verb.add_flag_callback(
      "--json", [&line] { line.settings.format = Format::kJson; }, "The same as --output json");
}

}  // namespace

void AddReplayRebuild(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "rebuild", "Builds the store anew beside the one that serves, compares, and switches",
      "  conntrail replay rebuild --data DIR\n"
      "  conntrail replay rebuild --data DIR --yes\n"
      "Without --yes nothing changes. Compared are the heads roots at the last seal that both "
      "have\n"
      "(and the first that is not equal, if one is), all that was signed, and the digests of all\n"
      "rows. One that this build cannot read, such as another build's, is said to be that, and "
      "kept\n"
      "as it is. The switch is two renames: a crash between them is mended at the next opening.\n"
      "While conntraild has DIR open this is refused.");
  const auto options = std::make_shared<Options>();
  AddShared(verb, line, *options);
  verb.add_option("--keep", options->keep, "How many old ones are kept for return: 1 or 0 (1)")
      ->type_name("N")
      ->check(CLI::Range(0, 1).description(""));
  OnVerb(verb, line, options, Rebuild);
}

void AddReplayReturn(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "return", "Goes back to the store that the last rebuild has replaced",
      "  conntrail replay return --data DIR\n"
      "  conntrail replay return --data DIR --yes\n"
      "It is brought in step with the log first and compared, and the other one is kept: the same\n"
      "again goes forth.");
  const auto options = std::make_shared<Options>();
  AddShared(verb, line, *options);
  verb.add_flag("--for-another-build", options->unread,
                "Put it in place unread: for an older build, which is installed next");
  OnVerb(verb, line, options, Return);
}

}  // namespace conntrail
