#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <cstring>
#include <string>
#include <string_view>

#include "events/base/strong_id.h"
#include "projections/fold/entity.h"

// Keys of the store. All integers big-endian, so that bytes sort as values do. Stored; never
// change.
//
//   org        := u16 partition | u32 org slot
//   uuid       := 16 bytes
//   place      := u48 all ones - effective time in ms | u48 all ones - org index, so the newest
//   comes first
//
//   state
//     partition row := u16 partition | u32 all ones | u8 0x00          → PartitionRow
//     org row       := org | u8 0x01                                    → OrgRow
//     block row     := org | u8 0x02 | u48 block number                 → BlockRow
//     entity row    := org | u8 0x10 | u8 kind | uuid id | uuid other   → EntityRow, as it is now
//   history         := org | u8 kind | uuid id | place                  → history row (trail_row.h)
//   trail           := org | place                                      → trail row (trail_row.h)
//   actor           := org | uuid account | place                       → line (trail_row.h)
//   evidence, where tree := u16 partition | u8 tag | u32 org slot, and count := u48 all ones -
//   number
//     tree row      := tree (1)                              → TreeRow (evidence_rows.h)
//     node row      := tree (2) | u8 level | u48 index       → hash, 32 bytes
//     head row      := tree (3) | count of the seal          → HeadRow
//     seal row      := u16 partition | u8 4 | its count      → SealRow
//     signed row    := tree (5) | count of the size | root   → u64 seal number
//     dissent row   := u16 partition | u8 6 | count of seal  → what others have, SealRow's hash
//
// `other` of a versioned entity is left out. Because the effective time of an org never falls along
// its index, a place sorts by index and by time alike: "as of T" and "as of index" are each one
// seek.
namespace conntrail::keys {

// Where the rows of one org are.
struct OrgAddress {
  PartitionId partition;
  OrgSlot slot;

  constexpr auto operator<=>(const OrgAddress&) const = default;
};

// A key, without an allocation. Converts to what the store and its iterators take.
class Key {
 public:
  static constexpr size_t kBytesMax = 48;
  static_assert(std::endian::native == std::endian::little);

  Key() = default;
  operator std::string_view() const { return {bytes_, size_}; }  // NOLINT: implicit by intent
  operator std::string() const { return {bytes_, size_}; }       // NOLINT: implicit by intent
  size_t size() const { return size_; }
  void Shorten(size_t size) { size_ = std::min(size_, size); }

  // Appends `value` big-endian. REQUIRES: it fits into `width` bytes, 1 to 8, and they into the
  // key.
  void Append(uint64_t value, size_t width) {
    const uint64_t bytes = __builtin_bswap64(value << (64 - 8 * width));
    std::memcpy(bytes_ + size_, &bytes, sizeof(bytes));  // what is too much is overwritten later
    size_ += width;
  }

  friend bool operator==(const Key& a, const Key& b) {
    return std::string_view(a) == std::string_view(b);
  }
  friend auto operator<=>(const Key& a, const Key& b) {
    return std::string_view(a) <=> std::string_view(b);
  }

 private:
  char bytes_[kBytesMax + sizeof(uint64_t)];
  size_t size_ = 0;
};

// Beyond every time and index that can stand in a key.
inline constexpr uint64_t kPlaceNumberMax = (uint64_t{1} << 48) - 1;
inline constexpr Place kPlaceMax{static_cast<UnixMs>(kPlaceNumberMax), OrgIndex(kPlaceNumberMax)};
inline constexpr size_t kPlaceBytes = 12;

// Appends `place` as it stands at the end of history, trail and actor keys.
void AppendPlace(Key& key, const Place& place);

Key PartitionRow(PartitionId partition);
Key OrgRow(const OrgAddress& org);
Key BlockRow(const OrgAddress& org, uint64_t block);
Key EntityRow(const OrgAddress& org, const EntityKey& entity);
Key History(const OrgAddress& org, EntityKind kind, const Uuid& id, const Place& place);
Key Trail(const OrgAddress& org, const Place& place);
Key Actor(const OrgAddress& org, const Uuid& account, const Place& place);

// Rows of the evidence family. Their prefixes are the same without the last number.
Key TreePrefix(PartitionId partition);
Key TreeRow(const OrgAddress& org);
Key NodePrefix(const OrgAddress& org, int level);
Key NodeRow(const OrgAddress& org, int level, uint64_t index);
Key HeadPrefix(const OrgAddress& org);
Key HeadRow(const OrgAddress& org, uint64_t seal);
Key SealPrefix(PartitionId partition);
Key SealRow(PartitionId partition, uint64_t seal);
Key SignedPrefix(const OrgAddress& org);
Key SignedRowsPrefix(PartitionId partition);
Key DissentPrefix(PartitionId partition);
Key DissentRow(PartitionId partition, uint64_t seal);
// `root` has 32 bytes.
Key SignedRow(const OrgAddress& org, uint64_t size, std::string_view root);
uint64_t SignedSizeOf(std::string_view key);
std::string_view SignedRootOf(std::string_view key);
// The number that ends a head, seal or dissent row's key, and the org slot of a tree, head or
// signed row's.
uint64_t CountOf(std::string_view key);
OrgSlot EvidenceSlotOf(std::string_view key);

// What all keys of a group have in common.
Key OrgRowsPrefix(PartitionId partition);
Key EntityPrefix(const OrgAddress& org, EntityKind kind);
Key UsePrefix(const OrgAddress& org, const ConnectionId& connection);
Key HistoryPrefix(const OrgAddress& org, EntityKind kind, const Uuid& id);
Key TrailPrefix(const OrgAddress& org);
Key ActorPrefix(const OrgAddress& org, const Uuid& account);

// True if `key`, which begins with OrgRowsPrefix, is an org row.
bool IsOrgRow(std::string_view key);

// The place at the end of a history, trail or actor key. REQUIRES: key.size() >= kPlaceBytes.
Place PlaceOf(std::string_view key);

// The id in an entity row's key. REQUIRES: key is one.
Uuid EntityIdOf(std::string_view key);

}  // namespace conntrail::keys
