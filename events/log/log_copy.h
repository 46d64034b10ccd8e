#pragma once

#include <functional>
#include <span>
#include <vector>

#include "events/log/event_log.h"

namespace conntrail {

// Where a copy of a log comes to be: the same log, with its id, offsets, times, keys and payloads.
//
// Until OpenUp nobody else can use it, whatever happens to whoever copies. One that was cut off is
// taken up again. Thread-safety: one thread at a time.
class CopyTarget {
 public:
  virtual ~CopyTarget() = default;

  // What is there already, for reading.
  virtual EventLog& log() = 0;

  // An earlier run has opened it up: nothing more is appended.
  virtual bool is_open() const = 0;

  // Appends records of the source that follow on the end. Durable after Flush. After a failure the
  // target may have some of them, and takes no more.
  virtual Status Append(PartitionId partition, std::span<const LogRecord> records) = 0;
  virtual Status Flush() = 0;

  // Lets everybody use it. Nothing if is_open().
  virtual Status OpenUp() = 0;
};

// What is under way: `next` of `end` records.
enum class CopyStep {
  kComparing,  // what the target has already
  kCopying,
  kChecking,  // what was copied, read back
};
using CopyProgress = std::function<void(CopyStep step, uint64_t next, uint64_t end)>;

struct CopySummary {
  std::vector<Offset> ends;  // of each partition, of both logs
  uint64_t records = 0;
  uint64_t copied = 0;  // by this run; the others were there
};

// Makes `target` equal to `source`: compares what it has already, appends what is missing, reads
// that back and compares it too. Ok: each record of the source as of the return was read once from
// the target, and is the same there. The caller then calls OpenUp.
//
// kFailedPrecondition: the target has other records (the first one is named), is open and ends
// elsewhere, or the source has grown meanwhile. Nothing that is there is ever changed.
Result<CopySummary> CopyLog(EventLog& source, CopyTarget& target, const CopyProgress& progress);

}  // namespace conntrail
