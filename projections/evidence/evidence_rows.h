#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/time.h"
#include "projections/merkle/frontier.h"

// Values of the evidence family (projections/store/keys.h has the keys). All integers big-endian.
// Stored; never change. Decoders take any bytes: kCorruption.
//
//   tree row   := u64 size | u64 sealed size | 32 bytes sealed root | 32 bytes for each root of the
//   frontier head row   := u64 size | 32 bytes root seal row   := u64 append time in ms | u64
//   records | u32 slots | 32 bytes heads root signed row := u64 number of the seal in whose record
//   it stands | 32 bytes root
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

// What a record of the log says to have been signed.
struct SignedRow {
  uint64_t seal = 0;
  merkle::Hash root{};
};

std::string EncodeTreeRow(const TreeRow& row);
Result<TreeRow> DecodeTreeRow(std::string_view bytes);
std::string EncodeHeadRow(const TreeHead& head);
Result<TreeHead> DecodeHeadRow(std::string_view bytes);
std::string EncodeSealRow(const SealRow& row);
Result<SealRow> DecodeSealRow(std::string_view bytes);
std::string EncodeSignedRow(const SignedRow& row);
Result<SignedRow> DecodeSignedRow(std::string_view bytes);
// Of a node row.
Result<merkle::Hash> DecodeHash(std::string_view bytes);
std::string_view AsText(const merkle::Hash& hash);

}  // namespace conntrail
