#include "events/log/segment_scan.h"

#include <algorithm>

namespace conntrail {
namespace {

constexpr size_t kSectorBytes = 512;
constexpr size_t kZerosMin = 4;  // a frame begins with four bytes of checksum, hardly ever all zero

bool IsZero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

// True if some sector's part of file[begin, end) that reaches the sector's end is zero: what the
// file system shows where it did not come to write a page.
bool HasLostSector(ByteSpan file, size_t begin, size_t end) {
  for (size_t at = begin; at < end;) {
    const size_t sector_end = (at / kSectorBytes + 1) * kSectorBytes;
    if (sector_end > end) return false;
    if (sector_end - at >= kZerosMin && IsZero(file.subspan(at, sector_end - at))) return true;
    at = sector_end;
  }
  return false;
}

// Decides between torn and damaged; see the rule in the header.
void Classify(ByteSpan file, uint32_t salt, SegmentScan* scan) {
  scan->ending = SegmentScan::Ending::kTorn;
  const size_t damage = scan->end_position;
  const Offset low = scan->end.Next();
  const Offset high(scan->end.value + (file.size() - damage) / kFrameHeaderBytes);
  bool lost_sector = false;
  for (size_t at = damage; at + kFrameHeaderBytes <= file.size();) {
    const auto later = DecodeFrameBetween(file.subspan(at), salt, low, high);
    if (!later) {
      ++at;
      continue;
    }
    // Only the gap before the first later frame counts: there lies record `end`.
    lost_sector = lost_sector || HasLostSector(file, damage, at);
    if (!lost_sector || later->group_first_offset() > scan->end) {
      scan->ending = SegmentScan::Ending::kDamaged;
      scan->later_offset = later->record.offset;
      scan->later_position = at;
      return;
    }
    at += later->bytes();
  }
}

}  // namespace

Result<SegmentScan> ScanSegment(ByteSpan file, const FrameVisitor& visit) {
  CONNTRAIL_ASSIGN_OR_RETURN(const SegmentHeader header, DecodeSegmentHeader(file));
  SegmentScan scan;
  scan.end = header.first_offset;
  scan.end_position = scan.last_group_position = kSegmentHeaderBytes;
  scan.append_time_ms = header.previous_append_time_ms;
  while (scan.end_position < file.size()) {
    Frame frame;
    size_t bytes_needed;
    scan.fault =
        DecodeFrame(file.subspan(scan.end_position), header.salt, scan.end, &frame, &bytes_needed);
    if (scan.fault != FrameFault::kNone) break;
    if (frame.group_index == 0) scan.last_group_position = scan.end_position;
    if (visit) visit(frame, scan.end_position);
    scan.append_time_ms = frame.record.append_time_ms;
    scan.end = scan.end.Next();
    scan.end_position += frame.bytes();
  }
  if (!IsZero(file.subspan(scan.end_position))) Classify(file, header.salt, &scan);
  return scan;
}

}  // namespace conntrail
