#include "projections/merkle/leaf.h"

#include <cstring>

#include <fmt/format.h>

#include "events/base/sha256.h"

namespace conntrail::merkle {
namespace {

constexpr uint64_t kVersion = 1;
constexpr uint32_t kNoSlot = ~uint32_t{0};
constexpr size_t kHashedBytes = 8 + sizeof(Hash);

template <typename Number>
void Put(std::byte*& to, Number value) {
  for (int shift = 8 * (static_cast<int>(sizeof(Number)) - 1); shift >= 0; shift -= 8) {
    *to++ = static_cast<std::byte>(value >> shift & 0xff);
  }
}

// What a leaf holds instead of a record that is too long.
std::array<std::byte, kHashedBytes> Digest(ByteSpan record) {
  std::array<std::byte, kHashedBytes> bytes;
  std::byte* to = bytes.data();
  Put(to, static_cast<uint64_t>(record.size()));
  const auto hash = Sha256(record);
  std::memcpy(to, hash.data(), hash.size());
  return bytes;
}

}  // namespace

LeafHeaderBytes EncodeLeafHeader(const LeafHeader& header) {
  LeafHeaderBytes bytes;
  std::byte* to = bytes.data();
  Put(to, static_cast<uint8_t>(kVersion));
  Put(to, header.outcome);
  Put(to, header.reason);
  Put(to, header.rules);
  Put(to, header.time_ms);
  Put(to, header.revision);
  Put(to, header.slot.value_or(kNoSlot));
  return bytes;
}

Result<LeafHeader> DecodeLeafHeader(std::string_view leaf) {
  if (leaf.size() < kLeafHeaderBytes || leaf.size() > kLeafBytesMax) {
    return Status::Corruption(fmt::format("leaf: expected {} to {} bytes, found {}",
                                          kLeafHeaderBytes, kLeafBytesMax, leaf.size()));
  }
  const auto number = [&leaf](size_t width) {
    const uint64_t value = ReadBigEndian(leaf.substr(0, width));
    leaf.remove_prefix(width);
    return value;
  };
  if (const uint64_t version = number(1); version != kVersion) {
    return Status::Corruption(
        fmt::format("leaf, byte 0: expected version {}, found {}", kVersion, version));
  }
  LeafHeader header;
  header.outcome = static_cast<uint8_t>(number(1));
  header.reason = static_cast<uint16_t>(number(2));
  header.rules = static_cast<uint32_t>(number(4));
  header.time_ms = number(8);
  header.revision = number(8);
  const auto slot = static_cast<uint32_t>(number(4));
  if (slot != kNoSlot) header.slot = slot;
  return header;
}

std::string EncodeLeaf(const LeafHeader& header, ByteSpan record) {
  const LeafHeaderBytes head = EncodeLeafHeader(header);
  std::string leaf(AsText(head));
  if (record.size() <= kLeafContentBytesMax) {
    leaf.append(AsText(record));
  } else {
    leaf.append(AsText(Digest(record)));
  }
  return leaf;
}

Hash HashLeaf(Hasher& hasher, const LeafHeader& header, ByteSpan record) {
  const LeafHeaderBytes head = EncodeLeafHeader(header);
  if (record.size() <= kLeafContentBytesMax) return hasher.Leaf(head, record);
  return hasher.Leaf(head, Digest(record));
}

}  // namespace conntrail::merkle
