#pragma once

#include <functional>
#include <string>

#include "events/log/segment_format.h"

namespace conntrail {

// What a look at all bytes of the last segment of a log found.
//
// After the last whole record there may be
//   - nothing, or only zeros: space that was taken ahead (kClean);
//   - what a crash left of a group of records that was being written (kTorn);
//   - a record that was durable once and is damaged now (kDamaged).
//
// The rule. Let record d be the first one that is not whole. If nothing later is whole, d was being
// written: torn. A later frame counts if its checksum fits and its offset is above d, wherever it
// stands. If one of them is of a later group than d, then d was durable before that group was
// written: damaged. If all of them are of d's own group, a power failure may have kept some pages
// of the group and lost others; a lost page reads as zeros up to a sector's end. With such zeros
// between d and the next whole frame: torn, otherwise damaged. (So, of the last group only, damage
// that is just like a lost write is taken for one.)
struct SegmentScan {
  enum class Ending { kClean, kTorn, kDamaged };

  Ending ending = Ending::kClean;
  Offset end;                        // the offset after the last whole record
  uint64_t end_position = 0;         // of the byte after it
  uint64_t last_group_position = 0;  // where the last record's group begins; end_position if none
  UnixMs append_time_ms = 0;         // of the last whole record, or of the one before the segment
  FrameFault fault = FrameFault::kNone;  // of record `end`, unless kClean
  Offset later_offset;                   // if kDamaged: the whole frame that proves it,
  uint64_t later_position = 0;           // and where it stands
};

// Called for each whole record in order, with its position in the file.
using FrameVisitor = std::function<void(const Frame& frame, uint64_t position)>;

// Reads a whole segment file. Pure and total: every byte string gives an answer. kCorruption if
// there is no valid header.
Result<SegmentScan> ScanSegment(ByteSpan file, const FrameVisitor& visit = nullptr);

}  // namespace conntrail
