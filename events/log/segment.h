#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "events/log/file.h"
#include "events/log/segment_format.h"

namespace conntrail {

// "00000000000000000017.segment" for the segment whose first offset is 17.
std::string SegmentName(Offset first_offset);

// Which part of a segment may be read: up to `position`, where the record `offset` would begin.
struct SegmentLimit {
  Offset offset;
  uint64_t position = 0;
};

// One segment for reading: finds a record by its offset, and checks what it reads.
//
// Every failure names the record's offset, the file and the byte position.
// Thread-safety: all methods may be called from any thread.
class Segment {
 public:
  Segment(std::string path, const SegmentHeader& header);

  const std::string& path() const { return path_; }
  const SegmentHeader& header() const { return header_; }

  // Reads from `from` on, at least one record and at most about `bytes_max` bytes of frames.
  // REQUIRES: header().first_offset <= from < limit.offset.
  Result<ReadBatch> Read(Offset from, const SegmentLimit& limit, size_t bytes_max);

 private:
  struct Mark {
    Offset offset;
    uint64_t position = 0;
  };

  Result<File> OpenChecked() const;
  Result<Mark> Find(const File& file, Offset offset, const SegmentLimit& limit);
  Result<ReadBatch> ReadOn(const File& file, Mark* mark, const SegmentLimit& limit,
                           size_t bytes_max);
  Result<ReadBatch> ReadFrames(const File& file, Mark* mark, const SegmentLimit& limit,
                               size_t bytes_max) const;
  Status Damaged(const Mark& at, FrameFault fault) const;

  const std::string path_;
  const SegmentHeader header_;

  std::mutex mutex_;
  std::vector<Mark> marks_;  // guarded by mutex_; ascending, about kMarkDistanceBytes apart
  Mark last_end_;            // guarded by mutex_; where the latest Read ended
};

}  // namespace conntrail
