#include "tools/evidence/tile_builder.h"

#include <span>

#include "events/base/check.h"

namespace conntrail::evidence {
namespace {

using merkle::Hash;

Hash RootOver(merkle::Hasher& hasher, std::span<const Hash> hashes) {
  std::vector<Hash> level(hashes.begin(), hashes.end());
  for (; level.size() > 1; level.resize(level.size() / 2)) {
    for (size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = hasher.Node(level[2 * i], level[2 * i + 1]);
    }
  }
  return level.front();
}

}  // namespace

Status TileBuilder::EmitTile(size_t level) {
  const Level& at = levels_[level];
  std::string bytes;
  bytes.reserve(merkle::kTileBytes);
  for (const Hash& hash : at.hashes) bytes.append(hash.begin(), hash.end());
  return emit_({.level = static_cast<int>(level),
                .index = at.index,
                .width = static_cast<uint32_t>(at.hashes.size())},
               std::move(bytes));
}

Status TileBuilder::AppendTo(size_t level, const Hash& hash) {
  if (level == 0) ++size_;
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].hashes.push_back(hash);
  if (levels_[level].hashes.size() < merkle::kTileWidth) return Status::Ok();
  CONNTRAIL_RETURN_IF_ERROR(EmitTile(level));
  const Hash node = RootOver(hasher_, levels_[level].hashes);
  levels_[level].hashes.clear();
  ++levels_[level].index;
  return AppendTo(level + 1, node);
}

// The root is made of nodes of the tiles that are not full.
Result<Hash> TileBuilder::Node(const merkle::NodeId& node) {
  const Level& at = levels_[static_cast<size_t>(node.level / merkle::kTileHeight)];
  const int above = node.level % merkle::kTileHeight;
  const uint64_t first = (node.index << above) - at.index * merkle::kTileWidth;
  const size_t count = size_t{1} << above;
  CONNTRAIL_CHECK(first + count <= at.hashes.size());
  return RootOver(hasher_, std::span(at.hashes).subspan(first, count));
}

Result<Hash> TileBuilder::Finish() {
  for (size_t level = 0; level < levels_.size(); ++level) {
    if (!levels_[level].hashes.empty()) CONNTRAIL_RETURN_IF_ERROR(EmitTile(level));
  }
  return merkle::RootAt(*this, size_);
}

}  // namespace conntrail::evidence
