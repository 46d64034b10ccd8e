// The segment files of the embedded log. All integers are big-endian. Stored; never renumber.
//
//   segment  = header *frame *zero            ; zeros: space taken ahead, in the last segment only
//   header   = magic version salt log_id first_offset previous_first_offset previous_bytes
//              previous_append_time_ms header_crc                                  ; 68 bytes
//   magic    = "CTSEGMNT"                      ; 8 bytes
//   version  = u32                             ; 1
//   salt     = u32                             ; random in each segment, see below
//   log_id   = 16 bytes                        ; the same in all segments and in the file log.id
//   first_offset, previous_first_offset, previous_bytes, previous_append_time_ms = u64
//   header_crc = u32                           ; CRC-32C of all header bytes before it
//
//   frame    = crc length offset append_time_ms group_index key payload   ; 44 bytes + payload
//   crc      = u32                             ; CRC-32C, begun with salt, of the rest of the frame
//   length   = u32                             ; of payload, 0..60000
//   offset   = u64                             ; of the record: that of the frame before, plus 1
//   append_time_ms = u64                       ; not below that of the frame before, unless copied
//   group_index = u32                          ; 0 in the first frame of a group, then 1, 2, ...
//   key      = 16 bytes
//   payload  = length bytes
//
// A group is what one write and one sync made durable; it is written only after the group before it
// is durable. So a whole frame proves that all records before its group once were durable.
//
// The salt keeps a payload from posing as a frame: whoever writes a payload does not know the salt,
// and so cannot give the bytes inside it a checksum that fits.
#include "events/log/segment_format.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "events/base/crc32c.h"

namespace conntrail {
namespace {

constexpr char kMagic[] = "CTSEGMNT";
constexpr uint32_t kVersion = 1;
constexpr uint64_t kFirstOffsetMax = uint64_t{1} << 62;  // no sum of an offset and a size overflows

static_assert(std::endian::native == std::endian::little, "Load and Put swap the bytes");

uint32_t Load32(const std::byte* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof(value));
  return __builtin_bswap32(value);
}
uint64_t Load64(const std::byte* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof(value));
  return __builtin_bswap64(value);
}
std::byte* Put32(std::byte* at, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, sizeof(value));
  return at + sizeof(value);
}
std::byte* Put64(std::byte* at, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, sizeof(value));
  return at + sizeof(value);
}

}  // namespace

Bytes EncodeSegmentHeader(const SegmentHeader& header) {
  Bytes bytes(kSegmentHeaderBytes);
  std::byte* at = bytes.data();
  std::memcpy(at, kMagic, 8);
  at = Put32(at + 8, kVersion);
  at = Put32(at, header.salt);
  at = Put64(at, header.log_id.hi);
  at = Put64(at, header.log_id.lo);
  at = Put64(at, header.first_offset.value);
  at = Put64(at, header.previous_first_offset.value);
  at = Put64(at, header.previous_bytes);
  at = Put64(at, static_cast<uint64_t>(header.previous_append_time_ms));
  Put32(at, ExtendCrc32c(0, ByteSpan(bytes).first(kSegmentHeaderBytes - 4)));
  return bytes;
}

Result<SegmentHeader> DecodeSegmentHeader(ByteSpan file) {
  if (file.size() < kSegmentHeaderBytes) {
    return Status::Corruption("the file is too short for a segment header");
  }
  const std::byte* at = file.data();
  if (std::memcmp(at, kMagic, 8) != 0) return Status::Corruption("this is no segment file");
  const uint32_t crc = ExtendCrc32c(0, file.first(kSegmentHeaderBytes - 4));
  if (crc != Load32(at + kSegmentHeaderBytes - 4)) {
    return Status::Corruption("the segment header's checksum is wrong");
  }
  if (const uint32_t version = Load32(at + 8); version != kVersion) {
    return Status::Corruption(
        fmt::format("segment format {}; this program reads format {}", version, kVersion));
  }
  if (Load64(at + 32) > kFirstOffsetMax) {
    return Status::Corruption("the segment header's first offset is impossible");
  }
  return SegmentHeader{
      .log_id = {Load64(at + 16), Load64(at + 24)},
      .salt = Load32(at + 12),
      .first_offset = Offset(Load64(at + 32)),
      .previous_first_offset = Offset(Load64(at + 40)),
      .previous_bytes = Load64(at + 48),
      .previous_append_time_ms = static_cast<UnixMs>(Load64(at + 56)),
  };
}

void EncodeFrame(const Frame& frame, uint32_t salt, Bytes& out) {
  const size_t start = out.size();
  const ByteSpan payload = frame.record.payload;
  out.resize(start + frame.bytes());
  std::byte* at = out.data() + start + 4;
  at = Put32(at, static_cast<uint32_t>(payload.size()));
  at = Put64(at, frame.record.offset.value);
  at = Put64(at, static_cast<uint64_t>(frame.record.append_time_ms));
  at = Put32(at, frame.group_index);
  at = Put64(at, frame.record.key.uuid.hi);
  at = Put64(at, frame.record.key.uuid.lo);
  std::copy(payload.begin(), payload.end(), at);
  Put32(out.data() + start, ExtendCrc32c(salt, ByteSpan(out).subspan(start + 4)));
}

const char* FrameFaultText(FrameFault fault) {
  switch (fault) {
    case FrameFault::kNone:
      return "nothing is wrong";
    case FrameFault::kIncomplete:
      return "its bytes end too early";
    case FrameFault::kLength:
      return "its length is impossible";
    case FrameFault::kChecksum:
      return "its checksum is wrong";
    case FrameFault::kOffset:
      return "another record stands in its place";
  }
  return "unknown";
}

FrameFault DecodeFrame(ByteSpan bytes, uint32_t salt, Offset expected, Frame* frame,
                       size_t* bytes_needed) {
  *bytes_needed = kFrameHeaderBytes;
  if (bytes.size() < kFrameHeaderBytes) return FrameFault::kIncomplete;
  const std::byte* at = bytes.data();
  const uint32_t length = Load32(at + 4);
  if (length > kRecordBytesMax) return FrameFault::kLength;
  *bytes_needed = kFrameHeaderBytes + length;
  if (bytes.size() < *bytes_needed) return FrameFault::kIncomplete;
  if (ExtendCrc32c(salt, bytes.subspan(4, *bytes_needed - 4)) != Load32(at)) {
    return FrameFault::kChecksum;
  }
  frame->record.offset = Offset(Load64(at + 8));
  frame->record.append_time_ms = static_cast<UnixMs>(Load64(at + 16));
  frame->group_index = Load32(at + 24);
  frame->record.key = OrgId{{Load64(at + 28), Load64(at + 36)}};
  frame->record.payload = bytes.subspan(kFrameHeaderBytes, length);
  return frame->record.offset == expected ? FrameFault::kNone : FrameFault::kOffset;
}

std::optional<Frame> DecodeFrameBetween(ByteSpan bytes, uint32_t salt, Offset low, Offset high) {
  // The cheap looks first: this runs at every byte of a damaged segment.
  if (bytes.size() < kFrameHeaderBytes || Load32(bytes.data() + 4) > kRecordBytesMax) return {};
  const Offset offset(Load64(bytes.data() + 8));
  if (offset < low || offset > high) return {};
  Frame frame;
  size_t bytes_needed;
  if (DecodeFrame(bytes, salt, offset, &frame, &bytes_needed) != FrameFault::kNone) return {};
  return frame;
}

}  // namespace conntrail
