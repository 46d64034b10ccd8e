#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "projections/merkle/hasher.h"

// What a leaf of an org's tree consists of. All integers big-endian. Stored and hashed by others;
// never change.
//
//   leaf    := header content
//   header  := u8 1 | u8 outcome | u16 reason | u32 rules version | u64 effective time in ms |
//              u64 revision | u32 slot (all ones: none)
//   content := the bytes of the record, if they are at most kLeafContentBytesMax
//            | u64 number of bytes | SHA-256 of the bytes
//
// What the numbers mean is the fold's; here they are numbers. Neither partition nor offset is among
// them: roots survive a log that moves.
namespace conntrail::merkle {

inline constexpr size_t kLeafHeaderBytes = 28;
inline constexpr size_t kLeafContentBytesMax = 60'000;  // what a record may have at the doors
inline constexpr size_t kLeafBytesMax = kLeafHeaderBytes + kLeafContentBytesMax;

struct LeafHeader {
  uint8_t outcome = 0;
  uint16_t reason = 0;
  uint32_t rules = 0;
  uint64_t time_ms = 0;
  uint64_t revision = 0;
  std::optional<uint32_t> slot;  // less than all ones

  bool operator==(const LeafHeader&) const = default;
};

using LeafHeaderBytes = std::array<std::byte, kLeafHeaderBytes>;

LeafHeaderBytes EncodeLeafHeader(const LeafHeader& header);

// Of a whole leaf or of its first kLeafHeaderBytes. kCorruption: too short or too long for a leaf,
// or of another version.
Result<LeafHeader> DecodeLeafHeader(std::string_view leaf);

// The whole leaf of a record with these bytes.
std::string EncodeLeaf(const LeafHeader& header, ByteSpan record);

// The hash of that leaf, without making it.
Hash HashLeaf(Hasher& hasher, const LeafHeader& header, ByteSpan record);

}  // namespace conntrail::merkle
