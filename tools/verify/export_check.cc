#include "tools/verify/export_check.h"

#include <algorithm>
#include <future>
#include <optional>

#include <fmt/format.h>

#include "events/base/time.h"
#include "tools/verify/archive.h"
#include "tools/verify/entries_check.h"
#include "tools/verify/export_format.h"
#include "tools/verify/listed_file.h"
#include "tools/verify/manifest.h"
#include "tools/verify/tile_nodes.h"

namespace conntrail::verify {
namespace {

using merkle::Checkpoint;

// `status` with the file's path in front.
Status In(std::string_view path, const Status& status) {
  return Status::Corruption(fmt::format("{}: {}", path, status.message()));
}

bool IsFileOfExport(std::string_view path) {
  return path.starts_with("tile/") || path == kCheckpointFile || path == kFromCheckpointFile ||
         path == kReadmeFile || path == kNdjsonFile || path == kCsvFile || path == kOcsfFile;
}

// That the archive has the files that the manifest lists, of those sizes, and no others.
Status CompareLists(const Archive& archive, const Manifest& manifest) {
  auto listed = manifest.files.begin();
  for (const Archive::File& file : archive.files()) {
    if (file.path == kManifestFile) continue;
    if (listed != manifest.files.end() && listed->path < file.path) break;
    if (listed == manifest.files.end() || listed->path != file.path) {
      return Status::Corruption(
          fmt::format("{}: expected files that manifest.json lists, found this one", file.path));
    }
    if (!IsFileOfExport(file.path)) {
      return Status::Corruption(
          fmt::format("{}: expected files of an export only, found this one", file.path));
    }
    if (file.bytes != listed->bytes) {
      return Status::Corruption(fmt::format("{}: expected {} bytes (manifest.json), found {}",
                                            file.path, listed->bytes, file.bytes));
    }
    ++listed;
  }
  if (listed == manifest.files.end()) return Status::Ok();
  return Status::Corruption(
      fmt::format("{}: expected this file (manifest.json), found none", listed->path));
}

// Rows of CSV end in CR LF outside of quotes.
Result<uint64_t> CountCsvRows(ListedFile& file) {
  uint64_t rows = 0;
  bool is_quoted = false;
  while (true) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string_view piece, file.Next());
    if (piece.empty()) return rows;
    for (const char c : piece) {
      if (c == '"') is_quoted = !is_quoted;
      if (c == '\n' && !is_quoted) ++rows;
    }
  }
}

Result<uint64_t> CountLines(ListedFile& file) {
  uint64_t lines = 0;
  while (true) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string_view piece, file.Next());
    if (piece.empty()) return lines;
    lines += static_cast<uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
  }
}

Status CompareRows(std::string_view path, uint64_t expected, uint64_t found) {
  if (expected == found) return Status::Ok();
  return Status::Corruption(fmt::format("{}: expected {} rows, found {}", path, expected, found));
}

// What is beside the tree and has no entries to be compared with: bytes and numbers of rows.
Status CheckBeside(Archive& archive, const Manifest& manifest, bool with_decoded) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto readme,
                             ListedFile::Open(archive, manifest, std::string(kReadmeFile)));
  CONNTRAIL_RETURN_IF_ERROR(CountLines(*readme).status());
  if (!with_decoded) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const auto ocsf,
                             ListedFile::Open(archive, manifest, std::string(kOcsfFile)));
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t ocsf_rows, CountLines(*ocsf));
  CONNTRAIL_RETURN_IF_ERROR(CompareRows(kOcsfFile, manifest.ocsf_rows, ocsf_rows));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto csv,
                             ListedFile::Open(archive, manifest, std::string(kCsvFile)));
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t csv_rows, CountCsvRows(*csv));
  return CompareRows(kCsvFile, 1 + manifest.end - manifest.begin, csv_rows);
}

class Check {
 public:
  Check(std::string path, const CheckOptions& options, Report& report)
      : path_(std::move(path)), options_(options), report_(report) {}

  Status Run() {
    CONNTRAIL_ASSIGN_OR_RETURN(archive_, OpenArchive(path_));
    CONNTRAIL_RETURN_IF_ERROR(CheckHead());
    CONNTRAIL_RETURN_IF_ERROR(CheckManifest());
    TileNodes nodes(*archive_, manifest_);
    CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t tiles, nodes.Check());
    Found("tree", fmt::format("{} tiles lead to the root of all {} records", tiles, head_.size),
          {{"tiles", tiles}});
    CONNTRAIL_RETURN_IF_ERROR(CheckEarlier(nodes));
    // The files beside the tree are read meanwhile.
    std::future<Status> beside = std::async(std::launch::async, [this]() -> Status {
      CONNTRAIL_ASSIGN_OR_RETURN(const auto archive, OpenArchive(path_));
      return CheckBeside(*archive, manifest_, options_.with_decoded);
    });
    const Result<EntriesFound> entries =
        CheckEntries(*archive_, manifest_, nodes, options_.with_decoded);
    const Status status = beside.get();
    CONNTRAIL_RETURN_IF_ERROR(entries.status());
    Tell(*entries);
    CONNTRAIL_RETURN_IF_ERROR(status);
    if (options_.with_decoded) {
      Found("decoded",
            fmt::format("{} rows are their entries; CSV and OCSF ({} rows) are as "
                        "manifest.json lists them",
                        entries->rows, manifest_.ocsf_rows),
            {{"rows", entries->rows}, {"ocsf_rows", manifest_.ocsf_rows}});
    } else {
      Found("decoded", "NOT LOOKED AT, as was asked", {});
    }
    return Status::Ok();
  }

 private:
  void Found(std::string name, std::string found,
             std::vector<std::pair<std::string, uint64_t>> counts) {
    report_.steps.push_back({std::move(name), std::move(found), std::move(counts)});
  }

  Result<Checkpoint> ReadCheckpoint(std::string_view path) {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string note,
                               archive_->ReadAll(std::string(path), merkle::kNoteBytesMax));
    Result<Checkpoint> head = merkle::OpenCheckpoint(note, options_.key);
    if (!head.ok()) return In(path, head.status());
    return head;
  }

  Status CheckHead() {
    CONNTRAIL_ASSIGN_OR_RETURN(head_, ReadCheckpoint(kCheckpointFile));
    Found("checkpoint",
          fmt::format("{} has signed {} records of {}", options_.key.ToString(), head_.size,
                      head_.origin),
          {{"size", head_.size}});
    return Status::Ok();
  }

  Status CheckManifest() {
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string text,
                               archive_->ReadAll(std::string(kManifestFile), kManifestBytesMax));
    Result<Manifest> manifest = ParseManifest(text);
    if (!manifest.ok()) return In(kManifestFile, manifest.status());
    manifest_ = *std::move(manifest);
    if (manifest_.vkey != options_.key.ToString()) {
      return Status::Corruption(fmt::format("manifest.json, vkey: expected {}, found {}",
                                            options_.key.ToString(), manifest_.vkey));
    }
    if (manifest_.checkpoint != head_) {
      return Status::Corruption(fmt::format(
          "manifest.json, checkpoint: expected what the file checkpoint says, size {}, root {}, "
          "found {} of size {}, root {}",
          head_.size, merkle::HashText(head_.root), manifest_.checkpoint.origin,
          manifest_.checkpoint.size, merkle::HashText(manifest_.checkpoint.root)));
    }
    CONNTRAIL_RETURN_IF_ERROR(CompareLists(*archive_, manifest_));
    for (const std::string_view path : {kCheckpointFile, kFromCheckpointFile}) {
      if (!archive_->Has(path)) continue;
      CONNTRAIL_ASSIGN_OR_RETURN(const auto file,
                                 ListedFile::Open(*archive_, manifest_, std::string(path)));
      CONNTRAIL_RETURN_IF_ERROR(CountLines(*file).status());
    }
    Found("manifest", fmt::format("{} files are there, and no others", manifest_.files.size()),
          {{"files", manifest_.files.size()}});
    return Status::Ok();
  }

  // Checkpoints that were signed before this one.
  Status CheckEarlier(TileNodes& nodes) {
    if (archive_->Has(kFromCheckpointFile)) {
      CONNTRAIL_ASSIGN_OR_RETURN(const Checkpoint from, ReadCheckpoint(kFromCheckpointFile));
      CONNTRAIL_RETURN_IF_ERROR(CheckExtends(from, std::string(kFromCheckpointFile), head_, nodes));
      if (from.size > manifest_.begin) {
        return Status::Corruption(
            fmt::format("{}, line 2: expected a size up to {}, where the records begin, found {}",
                        kFromCheckpointFile, manifest_.begin, from.size));
      }
      Found("from",
            fmt::format("the checkpoint before the part, of {} records, is the beginning "
                        "of this one",
                        from.size),
            {{"from_size", from.size}});
    }
    if (options_.since.empty()) return Status::Ok();
    const Result<Checkpoint> since = merkle::OpenCheckpoint(options_.since, options_.key);
    if (!since.ok()) return In("the checkpoint that was kept", since.status());
    CONNTRAIL_RETURN_IF_ERROR(CheckExtends(*since, "the checkpoint that was kept", head_, nodes));
    Found("since",
          fmt::format("nothing has changed in the {} records of the checkpoint that was "
                      "kept; {} have come since",
                      since->size, head_.size - since->size),
          {{"since_size", since->size}});
    return Status::Ok();
  }

  void Tell(const EntriesFound& entries) {
    const bool is_whole = manifest_.begin == 0 && manifest_.end == head_.size;
    std::string text = fmt::format(
        "{} entries in {} bundles are leaves of the tree: ", entries.entries, entries.bundles);
    if (is_whole) {
      text += "all records";
    } else {
      text += fmt::format("records {} up to {} of {}", manifest_.begin, manifest_.end, head_.size);
    }
    if (entries.entries > 0 && manifest_.begin < manifest_.end) {
      text += fmt::format(", {} to {}", FormatTime(static_cast<UnixMs>(entries.first_ms)),
                          FormatTime(static_cast<UnixMs>(entries.last_ms)));
    }
    Found("entries", text,
          {{"bundles", entries.bundles},
           {"entries", entries.entries},
           {"begin", manifest_.begin},
           {"end", manifest_.end}});
    std::string totals;
    for (const auto& [name, count] : manifest_.by_outcome) {
      totals += fmt::format("{}{} {}", totals.empty() ? "" : ", ", count, name);
    }
    Found("outcomes", totals.empty() ? "none" : totals, {});
  }

  const std::string path_;
  const CheckOptions& options_;
  Report& report_;
  std::unique_ptr<Archive> archive_;
  Checkpoint head_;
  Manifest manifest_;
};

}  // namespace

Status CheckExtends(const Checkpoint& checkpoint, const std::string& name, const Checkpoint& head,
                    merkle::NodeSource& nodes) {
  if (checkpoint.size > head.size) {
    return Status::Corruption(fmt::format(
        "checkpoint, line 2: ROLLBACK: expected at least the {} records of {}, found {}",
        checkpoint.size, name, head.size));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const merkle::Hash root, merkle::RootAt(nodes, checkpoint.size));
  if (root == checkpoint.root) return Status::Ok();
  return Status::Corruption(fmt::format(
      "checkpoint: FORK: expected a tree that begins with the {} records and the root {} of {}, "
      "found the root {} over its first {}: both are signed, keep both",
      checkpoint.size, merkle::HashText(checkpoint.root), name, merkle::HashText(root),
      checkpoint.size));
}

void CheckExport(const std::string& path, const CheckOptions& options, Report& report) {
  report.path = path;
  report.refused = Check(path, options, report).Run();
}

}  // namespace conntrail::verify
