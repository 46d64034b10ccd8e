#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/time.h"
#include "projections/merkle/frontier.h"

// Values of the evidence family (projections/store/keys.h has the keys). All integers big-endian.
// Stored; never change. Decoders take any bytes: kCorruption.
//
//   tree row   := u64 size | u64 sealed size | hash sealed root | a hash for each root of the tree
//   head row   := u64 size | hash root
//   seal row   := u64 append time in ms | u64 records | u32 slots | hash heads root
//   hash       := 32 bytes
namespace conntrail {

// How many records a trail has, and the root of the tree over them.
struct TreeHead {
  uint64_t size = 0;
  merkle::Hash root{};

  bool operator==(const TreeHead&) const = default;
};

struct TreeRow {
  merkle::Frontier frontier;
  TreeHead sealed;  // at the last seal; size 0 before the first
};

// A moment of a partition at which the heads of all its orgs are fixed. They are numbered from 0.
struct SealRow {
  UnixMs append_time_ms = 0;
  uint64_t records = 0;  // of the partition so far, the seal itself included
  uint32_t slots = 0;    // orgs, the system org included
  // The root of the tree of RFC 6962 whose leaf s is the head row's value of the org with slot s.
  merkle::Hash heads_root{};

  bool operator==(const SealRow&) const = default;
};

std::string EncodeTreeRow(const TreeRow& row);
Result<TreeRow> DecodeTreeRow(std::string_view bytes);
std::string EncodeHeadRow(const TreeHead& head);
Result<TreeHead> DecodeHeadRow(std::string_view bytes);
std::string EncodeSealRow(const SealRow& row);
Result<SealRow> DecodeSealRow(std::string_view bytes);
// Of a node row.
Result<merkle::Hash> DecodeHash(std::string_view bytes);
std::string_view AsText(const merkle::Hash& hash);

}  // namespace conntrail
