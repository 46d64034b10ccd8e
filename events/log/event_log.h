#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "events/base/bytes.h"
#include "events/base/result.h"
#include "events/base/strong_id.h"
#include "events/base/time.h"
#include "events/base/uuid.h"

namespace conntrail {

// The largest record. An entry of a tlog-tiles bundle has a 16-bit length (C2SP tlog-tiles, "Log
// Entries"), and the leaf header needs some of it.
inline constexpr size_t kRecordBytesMax = 60'000;

// One record as the log keeps it. `payload` and `key` point into the ReadBatch that holds the
// record.
struct LogRecord {
  Offset offset;
  UnixMs append_time_ms = 0;  // the log's time; in one partition it never falls
  OrgId key;                  // decides the partition; the nil org for the log's own records
  ByteSpan payload;           // exactly the bytes that were appended
};

// What AppendEach is to append.
struct NewRecord {
  OrgId key;
  ByteSpan payload;
};

// Consecutive records of one partition and the memory that they point into.
struct ReadBatch {
  std::vector<LogRecord> records;
  Bytes storage;  // moving the batch keeps the records' views valid; copying would not

  ReadBatch() = default;
  ReadBatch(ReadBatch&&) = default;
  ReadBatch& operator=(ReadBatch&&) = default;
  ReadBatch(const ReadBatch&) = delete;
  ReadBatch& operator=(const ReadBatch&) = delete;
};

// An EventLog is an ordered, append-only sequence of records, split into partitions.
//
// Within one partition every record has one offset; offsets start at 0, grow by 1 and are never
// reused. A record never changes after Append has returned its offset. There is no order between
// partitions.
//
// Thread-safety: all methods may be called from any thread.
// Every implementation passes tests/conformance/event_log_conformance.h; what that suite does not
// state is not promised.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // Identifies this log for ever: a log that was deleted and made again has another one.
  virtual Uuid log_id() const = 0;

  // Partitions are 0 .. partition_count() - 1.
  virtual uint16_t partition_count() const = 0;

  // Appends `payload` and returns its offset once it is durable: after a crash of this process or
  // of its machine, Read returns the record again.
  //
  // On kUnavailable the record may or may not be in the log. The caller retries with the same event
  // id; the fold ignores the second copy. On kIo (disk full, say) the record is not acknowledged,
  // and may still appear after a restart. kFailedPrecondition: the log takes no records any more,
  // and did not take this one. REQUIRES: payload.size() <= kRecordBytesMax and partition <
  // partition_count().
  virtual Result<Offset> Append(PartitionId partition, const OrgId& key, ByteSpan payload) = 0;

  // Appends all of `payloads` under `key`, in this order and without another record between them,
  // and returns the offset of the first once all are durable. After a crash a prefix of them may
  // remain. Same failures and requirements as Append, for each payload. `payloads` must not be
  // empty.
  virtual Result<Offset> AppendAll(PartitionId partition, const OrgId& key,
                                   const std::vector<ByteSpan>& payloads) = 0;

  // Appends each of `records` as Append does, in this order, and returns what became of each.
  // Records of others may stand between them. They may share what makes them durable: far quicker
  // than one by one.
  virtual std::vector<Result<Offset>> AppendEach(PartitionId partition,
                                                 std::span<const NewRecord> records);

  // Reads from `from` on: at least one record if there is one, and no more than about `bytes_max`
  // bytes. An empty batch means that `from` is End(partition). Only durable records are returned.
  //
  // kCorruption: the stored bytes are not what was appended; the message names the offset. Nothing
  // is ever skipped. kInvalidArgument: `from` is beyond the end.
  virtual Result<ReadBatch> Read(PartitionId partition, Offset from, size_t bytes_max) = 0;

  // The offset that the next durable record gets.
  virtual Result<Offset> End(PartitionId partition) = 0;

  // Waits until End(partition) is above `offset`, or `wait_max` has passed; true if it is above.
  // Also true if reading at `offset` has become impossible for good: Read tells why.
  virtual bool WaitFor(PartitionId partition, Offset offset,
                       std::chrono::milliseconds wait_max) = 0;
};

}  // namespace conntrail
