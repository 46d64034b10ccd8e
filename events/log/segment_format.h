#pragma once

#include <optional>

#include "events/log/event_log.h"

namespace conntrail {

inline constexpr size_t kSegmentHeaderBytes = 68;
inline constexpr size_t kFrameHeaderBytes = 44;
inline constexpr size_t kFrameBytesMax = kFrameHeaderBytes + kRecordBytesMax;

// What stands at the front of every segment file of the embedded log. The three `previous` fields
// bind a segment to the one before it; all are 0 in the first segment.
struct SegmentHeader {
  Uuid log_id;
  uint32_t salt = 0;  // random; where the checksum of each frame of this segment starts
  Offset first_offset;
  Offset previous_first_offset;
  uint64_t previous_bytes = 0;         // size of the previous segment's file
  UnixMs previous_append_time_ms = 0;  // of the last record before this segment
};

Bytes EncodeSegmentHeader(const SegmentHeader& header);

// Takes the header from the front of `file`. kCorruption tells what is wrong, without a file name.
Result<SegmentHeader> DecodeSegmentHeader(ByteSpan file);

// One record as it stands in a segment. `record.payload` points into the decoded bytes.
struct Frame {
  LogRecord record;
  uint32_t group_index = 0;  // how many records of the same group stand before this one

  size_t bytes() const { return kFrameHeaderBytes + record.payload.size(); }
  Offset group_first_offset() const { return Offset(record.offset.value - group_index); }
};

// Appends the frame of `frame` to `out`.
void EncodeFrame(const Frame& frame, uint32_t salt, Bytes& out);

// Why there is no whole frame at the front of some bytes.
enum class FrameFault {
  kNone,
  kIncomplete,  // the bytes end before the frame does
  kLength,      // the length is above kRecordBytesMax
  kChecksum,
  kOffset,  // whole, but another record than the expected one
};
const char* FrameFaultText(FrameFault fault);

// Reads the frame at the front of `bytes`. On kIncomplete `*bytes_needed` says how many bytes would
// do (the length it stands on is not proven yet).
FrameFault DecodeFrame(ByteSpan bytes, uint32_t salt, Offset expected, Frame* frame,
                       size_t* bytes_needed);

// The frame at the front of `bytes` if its checksum is right and its offset lies in `low`..`high`.
std::optional<Frame> DecodeFrameBetween(ByteSpan bytes, uint32_t salt, Offset low, Offset high);

}  // namespace conntrail
