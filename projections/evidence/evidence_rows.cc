#include "projections/evidence/evidence_rows.h"

#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "events/base/bytes.h"

namespace conntrail {
namespace {

using merkle::Hash;

constexpr size_t kNumberBytes = 8;

Status Damaged(const char* what) {
  return Status::Corruption(std::string(what) +
                            " of the evidence is damaged; rebuild the projection");
}

Hash HashAt(std::string_view bytes) {
  Hash hash;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

}  // namespace

std::string_view AsText(const Hash& hash) { return AsText(std::as_bytes(std::span(hash))); }

std::string EncodeTreeRow(const TreeRow& row) {
  std::string out;
  AppendBigEndian(out, row.frontier.size(), 8);
  AppendBigEndian(out, row.sealed.size, 8);
  out += AsText(row.sealed.root);
  for (const Hash& root : row.frontier.roots()) out += AsText(root);
  return out;
}

Result<TreeRow> DecodeTreeRow(std::string_view bytes) {
  constexpr size_t kHeadBytes = 2 * kNumberBytes + sizeof(Hash);
  if (bytes.size() < kHeadBytes) return Damaged("a tree row");
  TreeRow row;
  const uint64_t size = ReadBigEndian(bytes.substr(0, 8));
  row.sealed.size = ReadBigEndian(bytes.substr(8, 8));
  row.sealed.root = HashAt(bytes.substr(16));
  bytes.remove_prefix(kHeadBytes);
  const size_t count = static_cast<size_t>(std::popcount(size));
  if (bytes.size() != count * sizeof(Hash) || row.sealed.size > size) return Damaged("a tree row");
  std::vector<Hash> roots;
  for (size_t i = 0; i < count; ++i) roots.push_back(HashAt(bytes.substr(i * sizeof(Hash))));
  if (!row.frontier.Restore(size, std::move(roots))) return Damaged("a tree row");
  return row;
}

std::string EncodeHeadRow(const TreeHead& head) {
  std::string out;
  AppendBigEndian(out, head.size, 8);
  out += AsText(head.root);
  return out;
}

Result<TreeHead> DecodeHeadRow(std::string_view bytes) {
  if (bytes.size() != kNumberBytes + sizeof(Hash)) return Damaged("a head row");
  return TreeHead{ReadBigEndian(bytes.substr(0, 8)), HashAt(bytes.substr(8))};
}

std::string EncodeSealRow(const SealRow& row) {
  std::string out;
  AppendBigEndian(out, static_cast<uint64_t>(row.append_time_ms), 8);
  AppendBigEndian(out, row.records, 8);
  AppendBigEndian(out, row.slots, 4);
  out += AsText(row.heads_root);
  return out;
}

Result<SealRow> DecodeSealRow(std::string_view bytes) {
  if (bytes.size() != 2 * kNumberBytes + 4 + sizeof(Hash)) return Damaged("a seal row");
  SealRow row;
  row.append_time_ms = static_cast<UnixMs>(ReadBigEndian(bytes.substr(0, 8)));
  row.records = ReadBigEndian(bytes.substr(8, 8));
  row.slots = static_cast<uint32_t>(ReadBigEndian(bytes.substr(16, 4)));
  row.heads_root = HashAt(bytes.substr(20));
  return row;
}

Result<Hash> DecodeHash(std::string_view bytes) {
  if (bytes.size() != sizeof(Hash)) return Damaged("a node row");
  return HashAt(bytes);
}

}  // namespace conntrail
