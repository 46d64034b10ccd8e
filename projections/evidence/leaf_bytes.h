#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "events/base/bytes.h"
#include "events/base/strong_id.h"
#include "events/base/time.h"
#include "projections/fold/outcome.h"

// The leaf that a record is in the tree over its org's trail. All integers big-endian. Others keep
// its hash; never change.
//
//   leaf    := u8 1 | u8 verdict | u16 reason | u32 rules version | u64 effective time in ms |
//              u64 revision | u32 slot (all ones: none) | content
//   content := the event bytes, exactly as on the log
//            | u64 number of bytes | SHA-256 of the bytes    (of more than kRecordBytesMax bytes)
//
// No partition and no offset stand in it: a trail that moves to another log keeps its hashes.
namespace conntrail {

inline constexpr size_t kLeafHeadBytes = 28;

struct LeafFacts {
  Verdict verdict = Verdict::kNone;
  Reason reason = Reason::kNone;
  RulesVersion rules;
  UnixMs effective_time_ms = 0;
  Revision revision;
  std::optional<uint32_t> slot;
};

// Appends the 28 bytes before the content.
void AppendLeafHead(std::string& out, const LeafFacts& facts);

// Appends the content.
void AppendLeafContent(std::string& out, ByteSpan event);

}  // namespace conntrail
