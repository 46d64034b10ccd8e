// The bytes of a segment file, as recovery reads them. The input's header is made to fit, or else
// hardly any input would come beyond it; so are the checksums of frames, in every second input.
#include <algorithm>

#include "events/base/check.h"
#include "events/base/crc32c.h"
#include "events/log/segment_scan.h"

namespace conntrail {
namespace {

constexpr size_t kCrcAt = kSegmentHeaderBytes - 4;

void PutBigEndian32(std::byte* at, uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::byte>(value >> (24 - 8 * i));
}

uint32_t LengthIn(ByteSpan frame) {
  return static_cast<uint32_t>(ReadBigEndian(AsText(frame.subspan(4, 4))));
}

void MendHeader(Bytes& file) {
  constexpr std::string_view kStart("CTSEGMNT\0\0\0\1", 12);
  std::copy_n(AsBytes(kStart).begin(), kStart.size(), file.begin());
  file[32] &= std::byte{0x3F};  // the first offset
  PutBigEndian32(&file[kCrcAt], ExtendCrc32c(0, ByteSpan(file).first(kCrcAt)));
}

// Gives frames a right checksum as long as they follow each other, up to `frames_max`.
void MendFrames(Bytes& file, uint32_t salt, unsigned frames_max) {
  for (size_t at = kSegmentHeaderBytes; frames_max > 0; --frames_max) {
    const ByteSpan rest = ByteSpan(file).subspan(at);
    if (rest.size() < kFrameHeaderBytes) return;
    const size_t bytes = kFrameHeaderBytes + LengthIn(rest);
    if (rest.size() < bytes) return;
    PutBigEndian32(&file[at], ExtendCrc32c(salt, rest.subspan(4, bytes - 4)));
    at += bytes;
  }
}

void CheckScan(const Bytes& file) {
  const auto header = DecodeSegmentHeader(file);
  uint64_t position = kSegmentHeaderBytes;
  Offset offset;
  if (header.ok()) offset = header->first_offset;
  const auto scan = ScanSegment(file, [&](const Frame& frame, uint64_t at) {
    CONNTRAIL_CHECK(at == position && frame.record.offset == offset);
    Bytes again;
    EncodeFrame(frame, header->salt, again);
    CONNTRAIL_CHECK(at + again.size() <= file.size());
    CONNTRAIL_CHECK(std::equal(again.begin(), again.end(), file.begin() + static_cast<long>(at)));
    position += again.size();
    offset = offset.Next();
  });
  CONNTRAIL_CHECK(scan.ok() == header.ok());
  if (!scan.ok()) return;
  CONNTRAIL_CHECK(scan->end == offset && scan->end_position == position);
  CONNTRAIL_CHECK(scan->last_group_position <= position);
  if (scan->ending == SegmentScan::Ending::kDamaged) {
    CONNTRAIL_CHECK(scan->later_offset > scan->end && scan->later_position >= position);
    CONNTRAIL_CHECK(DecodeFrameBetween(ByteSpan(file).subspan(scan->later_position), header->salt,
                                       scan->later_offset, scan->later_offset)
                        .has_value());
  }
}

}  // namespace
}  // namespace conntrail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace conntrail;
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  Bytes file(bytes, bytes + size);
  CheckScan(file);
  if (size < kSegmentHeaderBytes) return 0;
  const auto choice = std::to_integer<unsigned>(file[0]);
  MendHeader(file);
  const auto header = DecodeSegmentHeader(file);
  CONNTRAIL_CHECK(header.ok());
  if (choice % 2 == 1) MendFrames(file, header->salt, choice / 2);
  CheckScan(file);
  return 0;
}
