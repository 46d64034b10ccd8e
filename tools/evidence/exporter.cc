#include "tools/evidence/exporter.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "events/base/sha256.h"
#include "projections/merkle/checkpoint.h"
#include "tools/evidence/block_line.h"
#include "tools/evidence/readme_text.h"
#include "tools/evidence/tile_builder.h"
#include "tools/verify/export_format.h"
#include "tools/verify/manifest.h"

namespace conntrail::evidence {
namespace {

using merkle::Checkpoint;
using verify::Manifest;

constexpr unsigned kThreadsMax = 8;

unsigned ThreadsFor(const ExportRequest& request) {
  if (request.threads != 0) return request.threads;
  return std::clamp(std::thread::hardware_concurrency(), 1u, kThreadsMax);
}

void AddTotals(const Totals& from, Totals& to) {
  for (const auto& [name, count] : from) to[name] += count;
}

// A decoded file, which grows with each block.
struct Stream {
  std::string_view path;
  BlockText ExportBlock::*text;
  Sha256Stream sha256;
  uint64_t bytes = 0;
};

class Exporter {
 public:
  Exporter(ExportSource& source, const ExportRequest& request, ExportSink& sink)
      : source_(source),
        request_(request),
        sink_(sink),
        tiles_([this](const merkle::TileId& tile, std::string bytes) {
          return PutFile(merkle::TilePath(tile), std::move(bytes), false);
        }) {}

  Result<ExportTold> Run(const std::function<bool(uint64_t, uint64_t)>& progress) {
    CONNTRAIL_RETURN_IF_ERROR(Begin());
    const BlockRange range{manifest_.checkpoint.size, request_.begin, request_.end};
    // The files are there though no record is.
    for (Stream& stream : streams_) {
      std::string head = stream.path == verify::kCsvFile ? source_.CsvHead() : std::string();
      CONNTRAIL_RETURN_IF_ERROR(
          Append(stream, {.text = {}, .piece = MakePiece(std::move(head), false)}));
    }
    BlockLine line(source_, range, sink_.deflates(), ThreadsFor(request_));
    while (true) {
      CONNTRAIL_ASSIGN_OR_RETURN(const std::optional<ExportBlock> block, line.Next());
      if (!block) break;
      CONNTRAIL_RETURN_IF_ERROR(Take(*block));
      if (progress && !progress(tiles_.size(), range.size)) {
        return Status::Unavailable("stopped; nothing was left behind");
      }
    }
    return End();
  }

 private:
  Status Begin() {
    CONNTRAIL_ASSIGN_OR_RETURN(const merkle::VerifierKey key,
                               merkle::VerifierKey::Parse(request_.vkey));
    CONNTRAIL_ASSIGN_OR_RETURN(manifest_.checkpoint,
                               merkle::OpenCheckpoint(request_.checkpoint, key));
    if (request_.begin > request_.end || request_.end > manifest_.checkpoint.size) {
      return Status::InvalidArgument(
          fmt::format("records {} to {} are not among the {} of the checkpoint", request_.begin,
                      request_.end, manifest_.checkpoint.size));
    }
    manifest_.vkey = request_.vkey;
    manifest_.org_id = request_.org_id;
    manifest_.org_name = request_.org_name;
    manifest_.begin = request_.begin;
    manifest_.end = request_.end;
    return Status::Ok();
  }

  Status Take(const ExportBlock& block) {
    for (const merkle::Hash& leaf : block.leaves) CONNTRAIL_RETURN_IF_ERROR(tiles_.Append(leaf));
    for (const ExportBlock::Bundle& bundle : block.bundles) {
      const std::string path = merkle::TilePath(bundle.tile);
      CONNTRAIL_RETURN_IF_ERROR(sink_.Put(path, bundle.piece));
      List(path, bundle.piece.bytes, bundle.sha256);
    }
    for (Stream& stream : streams_) CONNTRAIL_RETURN_IF_ERROR(Append(stream, block.*stream.text));
    manifest_.ocsf_rows += block.ocsf_rows;
    AddTotals(block.by_outcome, manifest_.by_outcome);
    AddTotals(block.by_type, manifest_.by_type);
    told_.records += block.records;
    return Status::Ok();
  }

  Status Append(Stream& stream, const BlockText& text) {
    stream.sha256.Update(AsBytes(text.view()));
    stream.bytes += text.view().size();
    if (sink_.deflates() == text.piece.deflated) {
      return sink_.Append(std::string(stream.path), text.piece);
    }
    return sink_.Append(std::string(stream.path), MakePiece(std::string(text.view()), true));
  }

  Result<ExportTold> End() {
    CONNTRAIL_ASSIGN_OR_RETURN(const merkle::Hash root, tiles_.Finish());
    const Checkpoint& head = manifest_.checkpoint;
    if (root != head.root) {
      return Status::Corruption(fmt::format(
          "the first {} records lead to the root {}, but {} was signed for {}: something has "
          "changed them; keep the store and the log as they are",
          head.size, merkle::HashText(root), merkle::HashText(head.root), head.origin));
    }
    for (Stream& stream : streams_) List(stream.path, stream.bytes, stream.sha256.Finish());
    CONNTRAIL_RETURN_IF_ERROR(
        PutFile(std::string(verify::kCheckpointFile), request_.checkpoint, false));
    if (!request_.from_checkpoint.empty()) {
      CONNTRAIL_RETURN_IF_ERROR(
          PutFile(std::string(verify::kFromCheckpointFile), request_.from_checkpoint, false));
    }
    CONNTRAIL_RETURN_IF_ERROR(
        PutFile(std::string(verify::kReadmeFile), ReadmeText(manifest_), sink_.deflates()));
    std::sort(manifest_.files.begin(), manifest_.files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    CONNTRAIL_RETURN_IF_ERROR(
        sink_.Put(std::string(verify::kManifestFile),
                  MakePiece(verify::FormatManifest(manifest_), sink_.deflates())));
    told_.size = head.size;
    CONNTRAIL_RETURN_IF_ERROR(sink_.Finish());
    return told_;
  }

  Status PutFile(const std::string& path, std::string bytes, bool deflate) {
    const auto sha256 = Sha256(AsBytes(bytes));
    List(path, bytes.size(), sha256);
    return sink_.Put(path, MakePiece(std::move(bytes), deflate));
  }

  void List(std::string_view path, uint64_t bytes, const std::array<uint8_t, 32>& sha256) {
    manifest_.files.push_back({std::string(path), bytes, sha256});
    told_.bytes += bytes;
  }

  ExportSource& source_;
  const ExportRequest& request_;
  ExportSink& sink_;
  Manifest manifest_;
  ExportTold told_;
  TileBuilder tiles_;
  Stream streams_[3] = {{.path = verify::kNdjsonFile, .text = &ExportBlock::ndjson},
                        {.path = verify::kCsvFile, .text = &ExportBlock::csv},
                        {.path = verify::kOcsfFile, .text = &ExportBlock::ocsf}};
};

}  // namespace

Result<ExportTold> WriteExport(ExportSource& source, const ExportRequest& request, ExportSink& sink,
                               const std::function<bool(uint64_t, uint64_t)>& progress) {
  return Exporter(source, request, sink).Run(progress);
}

}  // namespace conntrail::evidence
