#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "projections/replay/store_scan.h"
#include "tools/conntrail/interrupt.h"
#include "tools/conntrail/verbs/projection_copies.h"
#include "tools/conntrail/verbs/replay_stores.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string from;
  bool scans = false;  // the rows, too, before they are used
};

// What the rows of a copy must be: such as their own trails make them, and what was signed.
CopyCheck ScanOf(Session& session, const SignedHeads* signed_heads) {
  return [&session, signed_heads](std::shared_ptr<const StoreSnapshot> snapshot,
                                  const CopyManifest& manifest) -> Status {
    Progress progress("computing the trees anew", session.settings().quiet);
    ScanRun run;
    run.signed_heads = signed_heads;
    run.watch = [&](uint64_t done, uint64_t end) {
      progress.Update(done, end);
      return SignalCaught() == 0;
    };
    CONNTRAIL_ASSIGN_OR_RETURN(const ScanAnswer scanned,
                               ScanStore(snapshot, manifest.partition, run));
    if (!scanned.difference) return Status::Ok();
    return Status::Corruption(scanned.difference->ToString());
  };
}

Result<std::vector<PartitionId>> PartitionsIn(const std::string& copy, uint16_t count) {
  std::vector<PartitionId> partitions;
  std::error_code error;
  for (uint16_t p = 0; p < count; ++p) {
    if (fs::exists(PlaceOfCopy(copy, PartitionId(p)), error)) partitions.emplace_back(p);
  }
  if (!partitions.empty()) return partitions;
  return Status::NotFound(
      fmt::format("there is no copy of a partition in {} (partition-0, ...)", copy));
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(const std::string path, session.DirectoryPath());
  CONNTRAIL_ASSIGN_OR_RETURN(const auto directory, OpenLogAlone(session, path, true));
  const uint16_t count = directory->log().partition_count();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto partitions, PartitionsIn(options.from, count));
  const auto begin = std::chrono::steady_clock::now();
  for (const PartitionId partition : partitions) {
    CONNTRAIL_ASSIGN_OR_RETURN(const auto projection, directory->Hold(partition));
    if (projection->projector().next().value == 0) continue;
    return Status::FailedPrecondition(fmt::format(
        "{} has a projection of partition {} already, at offset {}; nothing was restored", path,
        partition.value, projection->projector().next().value));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const auto signed_heads, OpenSignedHeads(path));
  const CopyCheck check = options.scans ? ScanOf(session, signed_heads.get()) : CopyCheck();
  std::vector<CopiedPartition> copied;
  for (const PartitionId partition : partitions) {
    const fs::path from = PlaceOfCopy(options.from, partition);
    const auto copy = CopyIn(from);
    const auto restored = directory->projection(partition).Restore(*copy, check);
    if (!restored.ok()) {
      session.Note(fmt::format("{} is not used, and {} is as before", from.string(), path));
      return restored.status();
    }
    copied.push_back({partition, *restored});
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  WriteCopied(session, options.from, copied, took.count());
  if (partitions.size() < count) {
    session.Note(fmt::format("the copy has {} of {} partitions; the others are folded from the log",
                             partitions.size(), count));
  }
  return ExitCode::kOk;
}

void AddRestore(CLI::App& group, CommandLine& line, const std::string& name) {
  const auto options = std::make_shared<Options>();
  options->scans = name == "replay restore";
  CLI::App& verb = AddVerb(
      group, name.substr(name.find(' ') + 1),
      "Begins a data directory with a copy, every byte of which is checked",
      fmt::format(
          "  conntrail {0} --from COPY --data DIR\n"
          "  conntrail {0} --from COPY --data DIR --log kafka:127.0.0.1:9092/audit\n"
          "DIR needs the log that the copy is of, and no projection. A new directory on a topic "
          "first\n"
          "needs keys/fingerprint.key of a node of that log, mode 0600. What was recorded since "
          "is\n"
          "folded at the next use.{1}",
          name,
          options->scans
              ? " Before the copy is used, all trees, heads and seals are computed anew\n"
                "from its trails and compared with the seals and with what was signed."
              : ""));
  verb.add_option("--from", options->from, "What projection save or replay snapshot has made")
      ->type_name("DIR")
      ->required();
  OnVerb(verb, line, options, Run);
}

}  // namespace

void AddProjectionRestore(CLI::App& group, CommandLine& line) {
  AddRestore(group, line, "projection restore");
}

// The same, where those look for it who replay; and the rows are not believed either.
void AddReplayRestore(CLI::App& group, CommandLine& line) {
  AddRestore(group, line, "replay restore");
}

}  // namespace conntrail
