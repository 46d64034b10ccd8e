#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "projections/replay/row_compare.h"
#include "projections/state_digest.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

struct Options {};

// Of one partition, or of all together.
struct Comparison {
  StateDigests stored;
  StateDigests folded;
  std::string difference;  // empty: all rows are equal
};

// A directory of its own beside the projection, where there is room for a second one; removed with
// this.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) { Remove(); }
  ~TemporaryDirectory() { Remove(); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  void Remove() {
    std::error_code error;  // what stays is removed by the next run
    std::filesystem::remove_all(path_, error);
  }
  const std::filesystem::path path_;
};

Status FoldAnew(Session& session, DataDirectory& directory, PartitionId partition, Store& store) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto projector,
                             Projector::Open(directory.log(), store, partition));
  Progress progress("folding the log anew", session.settings().quiet);
  const DataDirectory::Progress watch = session.Watch(progress);
  return projector->CatchUp([&](Offset next, Offset end) { watch(next.value, end.value); });
}

Result<Comparison> Compare(const StoreSnapshot& stored, const StoreSnapshot& folded,
                           PartitionId partition) {
  Comparison comparison;
  CONNTRAIL_ASSIGN_OR_RETURN(comparison.folded, ComputeDigests(folded, partition));
  // A stored row that cannot be read is a difference like any other.
  auto digests = ComputeDigests(stored, partition);
  if (digests.ok()) comparison.stored = std::move(digests).value();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto difference, FirstDifference(stored, folded));
  if (difference) comparison.difference = *difference;
  if (!difference && !digests.ok()) comparison.difference = digests.status().message();
  return comparison;
}

// The first difference counts.
Result<Comparison> CompareAll(Session& session, DataDirectory& directory) {
  Comparison all;
  std::map<PartitionId, StateDigests> stored, folded;
  for (const PartitionId partition : directory.partitions()) {
    const TemporaryDirectory temporary(std::filesystem::path(directory.path()) /
                                       "projection.verify");
    CONNTRAIL_ASSIGN_OR_RETURN(const auto store, RocksDbStore::Open(temporary.path()));
    CONNTRAIL_RETURN_IF_ERROR(FoldAnew(session, directory, partition, *store));
    CONNTRAIL_ASSIGN_OR_RETURN(Comparison one,
                               Compare(*directory.projection(partition).store().NewSnapshot(),
                                       *store->NewSnapshot(), partition));
    stored[partition] = std::move(one.stored);
    folded[partition] = std::move(one.folded);
    if (!one.difference.empty() && all.difference.empty()) {
      all.difference = directory.partitions().size() == 1
                           ? one.difference
                           : fmt::format("partition {}: {}", partition.value, one.difference);
    }
  }
  all.stored = Together(stored);
  all.folded = Together(folded);
  return all;
}

std::string ToJson(const Comparison& comparison) {
  JsonWriter out;
  const auto text = [&](std::string_view name, std::string_view value) {
    out.Name(name);
    out.Text(value);
  };
  out.BeginObject();
  if (!comparison.difference.empty()) text("difference", comparison.difference);
  out.Name("equal");
  out.Bool(comparison.difference.empty());
  text("outcomes", comparison.folded.outcomes);
  out.Name("records");
  out.Uint(comparison.folded.records);
  text("state", comparison.folded.state);
  text("stored_outcomes", comparison.stored.outcomes);
  text("stored_state", comparison.stored.state);
  out.EndObject();
  return out.Take();
}

void Write(Session& session, const Comparison& comparison) {
  const bool equal = comparison.difference.empty();
  std::vector<std::vector<Cell>> lines = {
      {"records", std::to_string(comparison.folded.records)},
      {"log", Cell("whole: every record was read", Shade::kGood)},
      {"state", comparison.folded.state},
      {"outcomes", comparison.folded.outcomes},
      {"stored answers", equal ? Cell("follow from the log", Shade::kGood)
                               : Cell("differ: " + comparison.difference, Shade::kBad)}};
  WriteDocument(session.sink(), session.style(), lines, ToJson(comparison));
}

Result<ExitCode> Run(Session& session, const Options&) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  CONNTRAIL_RETURN_IF_ERROR(directory->VerifyLog());
  CONNTRAIL_ASSIGN_OR_RETURN(const Comparison comparison, CompareAll(session, *directory));
  Write(session, comparison);
  if (comparison.difference.empty()) return ExitCode::kOk;
  session.Note("conntrail rebuild makes the stored answers anew from the log");
  return ExitCode::kDiffers;
}

}  // namespace

void AddVerify(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "verify", "Reads the whole log, folds it anew and compares with the stored answers",
      "  conntrail verify --data DIR && echo the answers follow from the log");
  OnVerb(verb, line, std::make_shared<Options>(), Run);
}

}  // namespace conntrail
