#include "tools/evidence/export_block.h"

#include <algorithm>

#include <fmt/format.h>

#include "events/base/json_writer.h"
#include "events/base/sha256.h"
#include "projections/fold/outcome.h"
#include "projections/merkle/leaf.h"
#include "tools/verify/export_format.h"

namespace conntrail::evidence {
namespace {

using merkle::kTileWidth;

BlockText Store(std::string text, bool deflate) {
  BlockText out;
  if (deflate) {
    out.piece = MakePiece(text, true);
    out.text = std::move(text);
  } else {
    out.piece = MakePiece(std::move(text), false);
  }
  return out;
}

class BlockMaker {
 public:
  BlockMaker(ExportReader& reader, const BlockRange& range, bool deflate)
      : reader_(reader), range_(range), deflate_(deflate) {}

  Result<ExportBlock> Make(uint64_t number) {
    const uint64_t begin = number * kBlockLeaves;
    const uint64_t end = std::min(begin + kBlockLeaves, range_.size);
    block_.leaves.reserve(end - begin);
    const uint64_t from = std::clamp(range_.begin, begin, end);
    const uint64_t to = std::clamp(range_.end, from, end);
    const auto leaf = [this](uint64_t index, std::string_view bytes) {
      return TakeLeaf(index, bytes);
    };
    CONNTRAIL_RETURN_IF_ERROR(reader_.ForEachLeaf(begin, from, leaf));
    const auto record = [this](uint64_t index, std::string_view bytes, const DecodedRecord& said) {
      const Status status = TakeLeaf(index, bytes);
      return status.ok() ? TakeRecord(index, bytes, said) : status;
    };
    CONNTRAIL_RETURN_IF_ERROR(reader_.ForEachRecord(from, to, record));
    CONNTRAIL_RETURN_IF_ERROR(reader_.ForEachLeaf(to, end, leaf));
    block_.ndjson = Store(std::move(ndjson_), deflate_);
    block_.csv = Store(std::move(csv_), deflate_);
    block_.ocsf = Store(std::move(ocsf_), deflate_);
    return std::move(block_);
  }

 private:
  // Whether the bundle in which that record is belongs to the export.
  bool IsInBundle(uint64_t index) const {
    const uint64_t first = index - index % kTileWidth;
    return range_.begin < range_.end && first < range_.end && first + kTileWidth > range_.begin;
  }

  Status TakeLeaf(uint64_t index, std::string_view bytes) {
    block_.leaves.push_back(hasher_.Leaf(AsBytes(bytes)));
    if (!IsInBundle(index)) return Status::Ok();
    if (bytes.size() > merkle::kEntryBytesMax) {
      return Status::Corruption(
          fmt::format("record {} has {} bytes, too many for a leaf", index, bytes.size()));
    }
    merkle::AppendEntry(bundle_, AsBytes(bytes));
    const bool is_last = (index + 1) % kTileWidth == 0 || index + 1 == range_.size;
    if (is_last) EndBundle(index / kTileWidth);
    return Status::Ok();
  }

  void EndBundle(uint64_t index) {
    merkle::TileId tile = merkle::TileOfLevel(range_.size, 0, index);
    tile.is_entries = true;
    const auto sha256 = Sha256(AsBytes(bundle_));
    block_.bundles.push_back({tile, sha256, MakePiece(std::move(bundle_), deflate_)});
    bundle_.clear();
  }

  Status TakeRecord(uint64_t index, std::string_view leaf, const DecodedRecord& record) {
    CONNTRAIL_ASSIGN_OR_RETURN(const merkle::LeafHeader header, merkle::DecodeLeafHeader(leaf));
    const std::string_view outcome = VerdictName(static_cast<Verdict>(header.outcome));
    const std::string_view reason = ReasonName(static_cast<Reason>(header.reason));
    verify::AppendRowPrefix(ndjson_, index, header, outcome, reason, block_.leaves.back());
    ndjson_.append(verify::kRowType).append(record.type).append("\"");
    ndjson_.append(record.members).append("}\n");
    csv_ += record.csv;
    ocsf_ += record.ocsf;
    ++block_.records;
    block_.ocsf_rows += record.ocsf_rows;
    ++block_.by_outcome[std::string(outcome)];
    ++block_.by_type[std::string(record.type)];
    return Status::Ok();
  }

  ExportReader& reader_;
  const BlockRange& range_;
  const bool deflate_;
  merkle::Hasher hasher_;
  ExportBlock block_;
  std::string bundle_;
  std::string ndjson_;
  std::string csv_;
  std::string ocsf_;
};

}  // namespace

Result<ExportBlock> MakeBlock(ExportReader& reader, const BlockRange& range, uint64_t number,
                              bool deflate) {
  return BlockMaker(reader, range, deflate).Make(number);
}

}  // namespace conntrail::evidence
