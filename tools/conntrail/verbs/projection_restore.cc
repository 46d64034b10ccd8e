#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "tools/conntrail/verbs/projection_copies.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string from;
};

// The directory with its log alone: no partition is projected yet.
Result<std::unique_ptr<DataDirectory>> OpenLogOf(Session& session, const std::string& path) {
  DataDirectory::Options options;
  options.create = true;
  options.log = session.settings().log;
  options.partitions.emplace();
  options.diagnostics = [&session](const std::string& text) { session.Note(text); };
  return DataDirectory::Open(path, options);
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
  CONNTRAIL_ASSIGN_OR_RETURN(const auto directory, OpenLogOf(session, path));
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
  std::vector<CopiedPartition> copied;
  for (const PartitionId partition : partitions) {
    const fs::path from = PlaceOfCopy(options.from, partition);
    const auto copy = CopyIn(from);
    const auto restored = directory->projection(partition).Restore(*copy);
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

}  // namespace

void AddProjectionRestore(CLI::App& group, CommandLine& line) {
  CLI::App& verb = AddVerb(
      group, "restore", "Begins a data directory with a copy, every byte of which is checked",
      "  conntrail projection restore --from COPY --data DIR\n"
      "  conntrail projection restore --from COPY --data DIR --log kafka:127.0.0.1:9092/audit\n"
      "DIR needs the log that the copy is of, and no projection. A new directory on a topic first\n"
      "needs keys/fingerprint.key of a node of that log, mode 0600. What was recorded since is\n"
      "folded at the next use.");
  const auto options = std::make_shared<Options>();
  verb.add_option("--from", options->from, "What projection save has made")
      ->type_name("DIR")
      ->required();
  OnVerb(verb, line, options, Run);
}

}  // namespace conntrail
