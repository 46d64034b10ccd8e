#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/base/clock.h"
#include "events/log/file.h"
#include "events/log/segment.h"

namespace conntrail {

// Payloads to append under one key, without a record of others between them.
struct AppendRequest {
  OrgId key;
  std::span<const ByteSpan> payloads;
  std::optional<UnixMs> append_time_ms;  // of a copy; nullopt: the clock's, which never falls
  Offset first;                          // set by LogWriter::Write
};

struct LogWriterOptions {
  const Clock* clock = nullptr;
  uint64_t segment_bytes_max = 0;
  uint64_t take_ahead_bytes = 0;
  SyncCall sync;
};

// Writes the records of an embedded log into its last segment, and begins a new one when that is
// full.
//
// Thread-safety: one thread at a time.
class LogWriter {
 public:
  // Continues `segment` at `end`, where `file` ends too.
  LogWriter(std::string directory, LogWriterOptions options, std::shared_ptr<Segment> segment,
            File file, const SegmentLimit& end, UnixMs append_time_ms);
  ~LogWriter();

  // Appends the requests as one group: one write, one sync. Ok: all are durable. An error is kIo,
  // and none of them is acknowledged; if is_failed() then, no later Write can succeed either.
  Status Write(std::span<AppendRequest* const> group);

  // True after a sync failed, or a failed write could not be taken back. What the system holds of
  // the file and what the disk holds may differ from now on; only opening the log again helps.
  bool is_failed() const { return !failure_.ok(); }

  const std::shared_ptr<Segment>& segment() const { return segment_; }
  const SegmentLimit& end() const { return end_; }  // of what is durable

 private:
  void Encode(std::span<AppendRequest* const> group);
  Status BeginSegment();
  Status WriteBuffer();
  void TakeAhead(uint64_t position);
  Status Fail(Status status);
  SyncCall DataSync() const;

  const std::string directory_;
  const LogWriterOptions options_;
  std::shared_ptr<Segment> segment_;
  File file_;
  uint64_t file_bytes_;  // size of the file, which may have space taken ahead
  SegmentLimit end_;
  UnixMs append_time_ms_;
  Bytes buffer_;
  Status failure_;
};

}  // namespace conntrail
