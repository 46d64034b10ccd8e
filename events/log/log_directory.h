#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/base/clock.h"
#include "events/log/file.h"
#include "events/log/segment.h"

namespace conntrail {

// The directory of an embedded log:
//
//   LOCK                           held with flock(2) while the log is open; the holder's process
//   id log.id                         the log id as text and a line feed
//   00000000000000000000.segment   one or more, named by first offset (segment_format.cc)
//   closed                         why the log must not be used (closed_mark.h); usually missing
//   *.unpublished                  what a crash left of a file being made; removed at the next open
//
// Mode 0700, files 0600.

// Makes the directory if it is missing and takes its lock. The lock lasts as long as the returned
// file. kFailedPrecondition, with the holder's process id, if somebody holds it, this process
// included.
Result<File> LockLogDirectory(const std::string& directory);

// The id of the log in `directory`; nullopt: there is none.
Result<std::optional<Uuid>> ReadLogId(const std::string& directory);

// Reads log.id, or makes a new log: its first segment, then log.id. Its id is `log_id`, or a new
// one if that is nil. kCorruption if only one of the two is there; kFailedPrecondition if there is
// a log of another id than asked for. REQUIRES: the lock is held.
Result<Uuid> ReadOrMakeLogId(const std::string& directory, const Uuid& log_id, const Clock& clock,
                             const SyncCall& sync);

// All segments in order, at least one, whose headers were found to belong to `log_id` and to each
// other: none is missing between them, none is another's, each but the last has the size that its
// successor knows. kCorruption names the file that does not fit.
Result<std::vector<std::shared_ptr<Segment>>> OpenSegments(const std::string& directory,
                                                           const Uuid& log_id);

// Makes the segment that `header` describes, with a salt of its own; returns its header and file.
struct MadeSegment {
  SegmentHeader header;
  File file;
};
Result<MadeSegment> MakeSegment(const std::string& directory, SegmentHeader header,
                                const SyncCall& sync);

}  // namespace conntrail
