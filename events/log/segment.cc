#include "events/log/segment.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>

namespace conntrail {
namespace {

constexpr uint64_t kMarkDistanceBytes = 64 << 10;

}  // namespace

std::string SegmentName(Offset first_offset) {
  return fmt::format("{:020}.segment", first_offset.value);
}

Segment::Segment(std::string path, const SegmentHeader& header)
    : path_(std::move(path)),
      header_(header),
      marks_{{header.first_offset, kSegmentHeaderBytes}},
      last_end_(marks_.front()) {}

Status Segment::Damaged(const Mark& at, FrameFault fault) const {
  return Status::Corruption(fmt::format("record {} in {} at byte {} is damaged: {}",
                                        at.offset.value, path_, at.position,
                                        FrameFaultText(fault)));
}

// A file is opened for each Read, so that a long log needs no descriptor per segment. Its header is
// looked at again: the file may have been put in the place of another since Open.
Result<File> Segment::OpenChecked() const {
  CONNTRAIL_ASSIGN_OR_RETURN(File file, File::Open(path_, O_RDONLY));
  Bytes bytes(kSegmentHeaderBytes);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(0, bytes));
  bytes.resize(n);
  if (bytes != EncodeSegmentHeader(header_)) {
    return Status::Corruption(
        fmt::format("{}: its header is not the one that was there when the log was opened", path_));
  }
  return file;
}

Result<ReadBatch> Segment::Read(Offset from, const SegmentLimit& limit, size_t bytes_max) {
  CONNTRAIL_CHECK(from >= header_.first_offset && from < limit.offset);
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, OpenChecked());
  CONNTRAIL_ASSIGN_OR_RETURN(Mark mark, Find(file, from, limit));
  CONNTRAIL_ASSIGN_OR_RETURN(ReadBatch batch, ReadOn(file, &mark, limit, bytes_max));
  if (mark.offset == limit.offset && mark.position != limit.position) {
    return Status::Corruption(fmt::format("{}: after record {} at byte {} stand bytes of no record",
                                          path_, mark.offset.value - 1, mark.position));
  }
  const std::lock_guard lock(mutex_);
  last_end_ = mark;
  return batch;
}

// Walks to `offset` from the nearest known place before it.
Result<Segment::Mark> Segment::Find(const File& file, Offset offset, const SegmentLimit& limit) {
  Mark mark;
  {
    const std::lock_guard lock(mutex_);
    if (last_end_.offset == offset) return last_end_;
    const auto after = std::upper_bound(marks_.begin(), marks_.end(), offset,
                                        [](Offset o, const Mark& m) { return o < m.offset; });
    mark = *std::prev(after);
  }
  const SegmentLimit near{offset, limit.position};
  while (mark.offset < offset) {
    CONNTRAIL_RETURN_IF_ERROR(ReadOn(file, &mark, near, 2 * kMarkDistanceBytes).status());
  }
  return mark;
}

// ReadFrames, and remembers places on the way.
Result<ReadBatch> Segment::ReadOn(const File& file, Mark* mark, const SegmentLimit& limit,
                                  size_t bytes_max) {
  uint64_t position = mark->position;
  CONNTRAIL_ASSIGN_OR_RETURN(ReadBatch batch, ReadFrames(file, mark, limit, bytes_max));
  const std::lock_guard lock(mutex_);
  for (const LogRecord& record : batch.records) {
    if (position >= marks_.back().position + kMarkDistanceBytes) {
      marks_.push_back({record.offset, position});
    }
    position += kFrameHeaderBytes + record.payload.size();
  }
  return batch;
}

Result<ReadBatch> Segment::ReadFrames(const File& file, Mark* mark, const SegmentLimit& limit,
                                      size_t bytes_max) const {
  ReadBatch batch;
  size_t bytes_wanted = std::max(bytes_max, kFrameHeaderBytes);
  while (batch.records.empty()) {
    const uint64_t bytes_left = limit.position - mark->position;
    batch.storage.resize(std::min<uint64_t>(bytes_wanted, bytes_left));
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(mark->position, batch.storage));
    ByteSpan rest = ByteSpan(batch.storage).first(n);
    const bool at_limit = n < batch.storage.size() || n == bytes_left;
    while (mark->offset < limit.offset) {
      Frame frame;
      const FrameFault fault = DecodeFrame(rest, header_.salt, mark->offset, &frame, &bytes_wanted);
      if (fault == FrameFault::kIncomplete && !at_limit) break;
      if (fault != FrameFault::kNone) {
        // What came before the damage is served; the next Read begins at it.
        if (!batch.records.empty()) return batch;
        return Damaged(*mark, fault);
      }
      batch.records.push_back(frame.record);
      rest = rest.subspan(frame.bytes());
      *mark = {mark->offset.Next(), mark->position + frame.bytes()};
    }
  }
  return batch;
}

}  // namespace conntrail
