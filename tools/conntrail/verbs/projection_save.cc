#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "tools/conntrail/verbs/projection_copies.h"
#include "tools/conntrail/verbs/verbs.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string to;
  bool with_digests = false;
};

Status MakeEmpty(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_empty(path, error)) {
    return Status::FailedPrecondition(path.string() + " is not empty; choose another place");
  }
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (!error) return Status::Ok();
  return Status::Io(fmt::format("cannot make {}: {}", path.string(), error.message()));
}

Result<ExitCode> Run(Session& session, const Options& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(DataDirectory * directory, session.Directory());
  const auto begin = std::chrono::steady_clock::now();
  CONNTRAIL_RETURN_IF_ERROR(MakeEmpty(options.to));
  std::vector<CopiedPartition> copied;
  for (const PartitionId partition : directory->partitions()) {
    if (directory->projection(partition).projector().next().value == 0) continue;
    SaveCopyOptions save;
    save.with_digests = options.with_digests;
    CONNTRAIL_ASSIGN_OR_RETURN(
        CopyManifest manifest,
        directory->projection(partition).Save(PlaceOfCopy(options.to, partition), save));
    copied.push_back({partition, std::move(manifest)});
  }
  if (copied.empty()) {
    return Status::NotFound("the log has no records: there is nothing to copy");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  WriteCopied(session, options.to, copied, took.count());
  session.Note(
      "its files are linked to those of the projection where both are in one file system: for a "
      "backup copy it elsewhere. It shows what the projection shows; keep it as private");
  return ExitCode::kOk;
}

void AddSave(CLI::App& group, CommandLine& line, const std::string& name) {
  CLI::App& verb = AddVerb(
      group, name.substr(name.find(' ') + 1),
      "Copies it, with a manifest that says what each file must be",
      fmt::format("  conntrail {0} --data DIR --to COPY\n"
                  "  conntrail {0} --data DIR --to COPY --digests\n"
                  "The manifest also says the last seal and the root of all heads at it. No server "
                  "may have\n"
                  "DIR open; one that runs hands copies to others itself (conntraild "
                  "--restore-from).",
                  name));
  const auto options = std::make_shared<Options>();
  verb.add_option("--to", options->to, "Where to; made if need be, else it must be empty")
      ->type_name("DIR")
      ->required();
  verb.add_flag("--digests", options->with_digests,
                "Also what all rows amount to, which restore then compares");
  OnVerb(verb, line, options, Run);
}

}  // namespace

void AddProjectionSave(CLI::App& group, CommandLine& line) {
  AddSave(group, line, "projection save");
}

// The same, where those look for it who replay.
void AddReplaySnapshot(CLI::App& group, CommandLine& line) {
  AddSave(group, line, "replay snapshot");
}

}  // namespace conntrail
