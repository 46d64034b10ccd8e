#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "projections/replay/replay_place.h"
#include "projections/replay/store_scan.h"
#include "projections/replay/verification.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/replay_stores.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string work;
  bool scan = false;
  size_t threads = 0;
  uint64_t rate = 0;
  size_t memory = 0;
};

// What either way of verifying says.
struct Answer {
  std::vector<VerifiedPartition> partitions;
  std::vector<Difference> differences;
  double seconds = 0;
  uint64_t bytes = 0;
  bool scanned = false;

  uint64_t Sum(uint64_t VerifiedPartition::*member) const {
    uint64_t sum = 0;
    for (const VerifiedPartition& one : partitions) sum += one.*member;
    return sum;
  }
};

std::map<PartitionId, const Store*> Unowned(const StoresAsTheyAre& opened) {
  std::map<PartitionId, const Store*> stores;
  for (const auto& [partition, store] : opened.stores) stores[partition] = store.get();
  return stores;
}

Result<Answer> Fold(Session& session, const Options& options, DataDirectory& directory,
                    const StoresAsTheyAre& opened, const SignedHeads* signed_heads) {
  VerifyRun run;
  const TemporaryPlace temporary(fs::path(directory.path()) / "projection.verify");
  run.work = options.work.empty() ? temporary.path() : fs::path(options.work);
  CONNTRAIL_RETURN_IF_ERROR(TakeReplayPlace(run.work, directory.log().log_id(), BuildName()));
  run.threads =
      options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  run.records_per_second_max = options.rate;
  run.memory_bytes_max = options.memory;
  run.signed_heads = signed_heads;
  Answer answer;
  Progress progress("verifying", session.settings().quiet);
  run.watch = [&](const ReplayProgress& now) {
    const double seconds = std::max(progress.seconds(), 0.001);
    answer.bytes = now.bytes;
    progress.set_detail(fmt::format("{:.1f} MB/s{}", static_cast<double>(now.bytes) / 1e6 / seconds,
                                    now.seal ? fmt::format("  seal {} compared", *now.seal) : ""));
    progress.Update(now.records, now.end);
    return SignalCaught() == 0;
  };
  auto verified = VerifyStores(directory.log(), Unowned(opened), run);
  answer.seconds = progress.seconds();
  progress.Finish();
  if (SignalCaught() != 0 && !options.work.empty()) {
    session.Note("stopped; the same command with --work goes on from here");
  }
  CONNTRAIL_RETURN_IF_ERROR(verified.status());
  answer.partitions = std::move(verified).value();
  return answer;
}

Result<Answer> Scan(Session& session, const StoresAsTheyAre& opened,
                    const SignedHeads* signed_heads) {
  Answer answer;
  answer.scanned = true;
  Progress progress("scanning", session.settings().quiet);
  for (const auto& [partition, store] : opened.stores) {
    ScanRun run;
    run.signed_heads = signed_heads;
    run.watch = [&](uint64_t done, uint64_t end) {
      progress.Update(done, end);
      return SignalCaught() == 0;
    };
    CONNTRAIL_ASSIGN_OR_RETURN(ScanAnswer scanned, ScanStore(store->NewSnapshot(), partition, run));
    VerifiedPartition one;
    one.partition = partition;
    one.records = one.applied = scanned.records;
    one.seals = scanned.seals;
    one.signed_heads = scanned.signed_heads;
    one.difference = std::move(scanned.difference);
    answer.partitions.push_back(std::move(one));
  }
  answer.seconds = progress.seconds();
  return answer;
}

std::string ToJson(const Answer& answer) {
  JsonWriter out;
  const auto number = [&](std::string_view name, uint64_t value) {
    out.Name(name);
    out.Uint(value);
  };
  const auto text = [&](std::string_view name, const std::string& value) {
    out.Name(name);
    out.Text(value);
  };
  out.BeginObject();
  if (!answer.differences.empty()) {
    WriteDifference(out, "difference", answer.differences.front());
  }
  out.Name("equal");
  out.Bool(answer.differences.empty());
  text("method", answer.scanned ? "scan" : "fold");
  out.Name("partitions");
  out.BeginArray();
  for (const VerifiedPartition& one : answer.partitions) {
    out.BeginObject();
    number("applied", one.applied);
    if (one.difference) WriteDifference(out, "difference", *one.difference);
    if (!one.digests.outcomes.empty()) text("outcomes", one.digests.outcomes);
    number("partition", one.partition.value);
    number("records", one.records);
    number("seals", one.seals);
    number("signed_heads", one.signed_heads);
    if (!one.digests.state.empty()) text("state", one.digests.state);
    out.EndObject();
  }
  out.EndArray();
  number("records", answer.Sum(&VerifiedPartition::records));
  number("seals", answer.Sum(&VerifiedPartition::seals));
  number("signed_heads", answer.Sum(&VerifiedPartition::signed_heads));
  number("took_ms", static_cast<uint64_t>(answer.seconds * 1000));
  out.EndObject();
  return out.Take();
}

void Write(Session& session, const Answer& answer) {
  const bool equal = answer.differences.empty();
  const uint64_t records = answer.Sum(&VerifiedPartition::records);
  const double seconds = std::max(answer.seconds, 0.001);
  std::vector<std::vector<Cell>> lines = {
      {"records", std::to_string(records)},
      {"seals", fmt::format("{} compared", answer.Sum(&VerifiedPartition::seals))},
      {"signed heads", fmt::format("{} compared", answer.Sum(&VerifiedPartition::signed_heads))},
      {"took", fmt::format("{:.2f} s, {:.0f} records/s", answer.seconds,
                           static_cast<double>(records) / seconds)}};
  for (const VerifiedPartition& one : answer.partitions) {
    if (one.digests.state.empty()) continue;
    const std::string name =
        answer.partitions.size() == 1 ? "" : fmt::format(" of partition {}", one.partition.value);
    lines.push_back({"state" + name, one.digests.state});
    lines.push_back({"outcomes" + name, one.digests.outcomes});
  }
  lines.push_back({"the store", equal ? Cell(answer.scanned ? "agrees with its own trails"
                                                            : "follows from the log",
                                             Shade::kGood)
                                      : Cell("differs", Shade::kBad)});
  for (const Difference& difference : answer.differences) {
    lines.push_back({"", Cell(difference.ToString(), Shade::kBad)});
  }
  WriteDocument(session.sink(), session.style(), lines, ToJson(answer));
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string path, session.DirectoryPath());
  CONNTRAIL_ASSIGN_OR_RETURN(const auto directory, OpenLogAlone(session, path));
  CONNTRAIL_ASSIGN_OR_RETURN(const StoresAsTheyAre opened, OpenStores(*directory));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto signed_heads, OpenSignedHeads(path));
  CONNTRAIL_ASSIGN_OR_RETURN(
      Answer answer, options.scan ? Scan(session, opened, signed_heads.get())
                                  : Fold(session, options, *directory, opened, signed_heads.get()));
  answer.differences = opened.unreadable;
  for (const VerifiedPartition& one : answer.partitions) {
    if (one.difference) answer.differences.push_back(*one.difference);
  }
  Write(session, answer);
  if (answer.differences.empty()) return ExitCode::kOk;
  session.Note("conntrail replay rebuild makes the store anew beside this one and compares them");
  return ExitCode::kDiffers;
}

}  // namespace

void AddReplayVerify(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "verify", "Folds the log anew and compares at every seal, with all that was signed",
      "  conntrail replay verify --data DIR\n"
      "  conntrail replay verify --data DIR --work /var/tmp/verify --rate 50000 --memory 512M\n"
      "  conntrail replay verify --data DIR --scan\n"
      "The store is taken as it is: nothing is caught up or mended. Exit code 0: it is the same;\n"
      "1: it differs, and the first place is told (seal, organisation, expected, found); 3: the "
      "log\n"
      "is damaged. With --work a run that was cut off goes on there.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--work", options->work, "Where the log is folded; kept, to go on from there")
      ->type_name("DIR");
  verb.add_flag("--scan", options->scan,
                "Read all rows instead, and compute from the trails what follows from them");
  verb.add_option("--threads", options->threads, "At most so many partitions at a time")
      ->type_name("N");
  verb.add_option("--rate", options->rate, "At most so many records a second")->type_name("N");
  verb.add_option("--memory", options->memory, "At most about so much for the fold, as 512M")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(false).description(""));
  verb.add_flag_callback(
      "--json", [&line] { line.settings.format = Format::kJson; }, "The same as --output json");
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
