#include "tools/verify/entries_check.h"

#include <algorithm>

#include <fmt/format.h>

#include "projections/merkle/leaf.h"
#include "tools/verify/export_format.h"
#include "tools/verify/listed_file.h"

namespace conntrail::verify {
namespace {

using merkle::Hash;
using merkle::kTileWidth;

using Totals = std::map<std::string, uint64_t, std::less<>>;

void Count(Totals& totals, std::string_view name) {
  const auto found = totals.find(name);
  if (found != totals.end()) {
    ++found->second;
  } else {
    totals.emplace(name, 1);
  }
}

// kCorruption names the first total that is not what the manifest says.
Status CompareTotals(const std::map<std::string, uint64_t>& listed, const Totals& found,
                     std::string_view what) {
  if (std::equal(listed.begin(), listed.end(), found.begin(), found.end())) return Status::Ok();
  Totals names = found;
  names.insert(listed.begin(), listed.end());
  for (const auto& [name, count] : names) {
    const auto in_manifest = listed.find(name);
    const auto in_rows = found.find(name);
    const uint64_t expected = in_rows == found.end() ? 0 : in_rows->second;
    const uint64_t said = in_manifest == listed.end() ? 0 : in_manifest->second;
    if (expected == said && in_manifest != listed.end() && in_rows != found.end()) continue;
    return Status::Corruption(
        fmt::format("manifest.json, totals.{}: expected {} of \"{}\", as the entries have, found "
                    "{}",
                    what, expected, name.substr(0, 80), said));
  }
  return Status::Ok();
}

class Check {
 public:
  Check(Archive& archive, const Manifest& manifest, TileNodes& nodes)
      : archive_(archive), manifest_(manifest), nodes_(nodes) {}

  Result<EntriesFound> Run(bool with_rows) {
    if (with_rows) {
      CONNTRAIL_ASSIGN_OR_RETURN(rows_,
                                 ListedFile::Open(archive_, manifest_, std::string(kNdjsonFile)));
    }
    const uint64_t begin = manifest_.begin / kTileWidth;
    const uint64_t end =
        manifest_.begin == manifest_.end ? begin : (manifest_.end + kTileWidth - 1) / kTileWidth;
    for (uint64_t index = begin; index < end; ++index) {
      CONNTRAIL_RETURN_IF_ERROR(CheckBundle(index));
      ++found_.bundles;
    }
    CONNTRAIL_RETURN_IF_ERROR(CheckNoOthers());
    if (rows_ != nullptr) CONNTRAIL_RETURN_IF_ERROR(EndRows());
    CONNTRAIL_RETURN_IF_ERROR(CompareTotals(manifest_.by_outcome, outcomes_, "outcome"));
    if (rows_ != nullptr) {
      CONNTRAIL_RETURN_IF_ERROR(CompareTotals(manifest_.by_type, types_, "type"));
    }
    return found_;
  }

 private:
  Status CheckBundle(uint64_t index) {
    merkle::TileId tile = merkle::TileOfLevel(nodes_.size(), 0, index);
    tile.is_entries = true;
    const std::string path = merkle::TilePath(tile);
    CONNTRAIL_ASSIGN_OR_RETURN(const ManifestFile* file, Listed(manifest_, path));
    CONNTRAIL_ASSIGN_OR_RETURN(const std::string bytes,
                               archive_.ReadAll(path, merkle::kBundleBytesMax));
    const Result<std::vector<std::string_view>> entries = merkle::DecodeBundle(bytes, tile.width);
    if (!entries.ok()) return Status::Corruption(path + ": " + entries.status().message());
    CONNTRAIL_ASSIGN_OR_RETURN(const TileNodes::Hashes hashes, nodes_.Tile(0, index));
    for (size_t i = 0; i < entries->size(); ++i) {
      CONNTRAIL_RETURN_IF_ERROR(
          CheckEntry(path, i, index * kTileWidth + i, (*entries)[i], (*hashes)[i]));
    }
    found_.entries += entries->size();
    return CompareBytes(*file, bytes);
  }

  Status CheckEntry(const std::string& path, size_t at, uint64_t index, std::string_view entry,
                    const Hash& expected) {
    const auto fault = [&](const std::string& what) {
      return Status::Corruption(fmt::format("{}, entry {} (index {}): {}", path, at, index, what));
    };
    const Hash hash = hasher_.Leaf(AsBytes(entry));
    if (hash != expected) {
      return fault(fmt::format("expected leaf hash {} (the tree's), found {}",
                               merkle::HashText(expected), merkle::HashText(hash)));
    }
    const Result<merkle::LeafHeader> header = merkle::DecodeLeafHeader(entry);
    if (!header.ok()) return fault(header.status().message());
    if (header->time_ms < found_.last_ms) {
      return fault(fmt::format("expected a time of at least {} ms, found {}", found_.last_ms,
                               header->time_ms));
    }
    found_.last_ms = header->time_ms;
    if (index < manifest_.begin || index >= manifest_.end) return Status::Ok();
    if (index == manifest_.begin) found_.first_ms = header->time_ms;
    const auto outcome = OutcomeName(header->outcome);
    const auto reason = ReasonName(header->reason);
    if (!outcome || !reason) {
      return fault(
          fmt::format("expected an outcome and a reason that this program knows, found {} "
                      "and {}: a later version may know them",
                      header->outcome, header->reason));
    }
    Count(outcomes_, *outcome);
    if (rows_ == nullptr) return Status::Ok();
    expected_row_.clear();
    AppendRowPrefix(expected_row_, index, *header, *outcome, *reason, hash);
    return CheckRow();
  }

  Status CheckRow() {
    std::string_view line;
    CONNTRAIL_ASSIGN_OR_RETURN(const bool has_line, rows_->NextLine(line));
    const auto fault = [&](std::string_view expected, std::string_view found) {
      return Status::Corruption(fmt::format("{}, line {}: expected {}, found {}", rows_->path(),
                                            rows_->lines(), expected, found));
    };
    if (!has_line) return fault("one more row, " + expected_row_, "the end");
    if (!line.starts_with(expected_row_)) {
      return fault(expected_row_ + ", as the entry says",
                   line.substr(0, std::max(expected_row_.size(), size_t{80})));
    }
    line.remove_prefix(expected_row_.size());
    const size_t end =
        line.starts_with(kRowType) ? line.find('"', kRowType.size()) : std::string_view::npos;
    if (end == std::string_view::npos || !line.ends_with('}')) {
      return fault("a type and the end of an object", line.substr(0, 80));
    }
    Count(types_, line.substr(kRowType.size(), end - kRowType.size()));
    ++found_.rows;
    return Status::Ok();
  }

  Status EndRows() {
    std::string_view line;
    CONNTRAIL_ASSIGN_OR_RETURN(const bool has_line, rows_->NextLine(line));
    if (!has_line) return Status::Ok();
    return Status::Corruption(fmt::format("{}, line {}: expected the end after {} rows, found {}",
                                          rows_->path(), rows_->lines(), found_.rows,
                                          line.substr(0, 80)));
  }

  // All bundles that should be there were read; are there others?
  Status CheckNoOthers() const {
    uint64_t there = 0;
    for (const Archive::File& file : archive_.files()) {
      if (file.path.starts_with("tile/entries/")) ++there;
    }
    if (there == found_.bundles) return Status::Ok();
    return Status::Corruption(
        fmt::format("tile/entries/: expected the {} bundles of records {} to {}, found {} bundles",
                    found_.bundles, manifest_.begin, manifest_.end, there));
  }

  Archive& archive_;
  const Manifest& manifest_;
  TileNodes& nodes_;
  merkle::Hasher hasher_;
  std::unique_ptr<ListedFile> rows_;
  std::string expected_row_;
  Totals outcomes_;
  Totals types_;
  EntriesFound found_;
};

}  // namespace

Result<EntriesFound> CheckEntries(Archive& archive, const Manifest& manifest, TileNodes& nodes,
                                  bool with_rows) {
  return Check(archive, manifest, nodes).Run(with_rows);
}

}  // namespace conntrail::verify
