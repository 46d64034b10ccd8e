#include "events/log/embedded_log.h"

#include <algorithm>
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <semaphore.h>

#include "events/base/check.h"
#include "events/log/closed_mark.h"
#include "events/log/log_directory.h"
#include "events/log/segment_scan.h"

namespace conntrail {
namespace {

constexpr size_t kVerifyBytes = 1 << 20;
constexpr int kYieldsMax = 20;

struct Recovered {
  File file;
  SegmentLimit end;
  UnixMs append_time_ms = 0;
};

Status DamageFound(const Segment& segment, const SegmentScan& scan) {
  return Status::Corruption(fmt::format(
      "record {} in {} at byte {} is damaged: {}, and record {} follows whole at byte {}",
      scan.end.value, segment.path(), scan.end_position, FrameFaultText(scan.fault),
      scan.later_offset.value, scan.later_position));
}

// Cuts what a crash left of a write, and makes durable what is left.
Result<Recovered> RecoverLastSegment(const Segment& segment, const EmbeddedLogOptions& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(File file, File::Open(segment.path(), O_RDWR));
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  Bytes bytes(size);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(0, bytes));
  bytes.resize(n);
  CONNTRAIL_ASSIGN_OR_RETURN(const SegmentScan scan, ScanSegment(bytes));
  if (scan.ending == SegmentScan::Ending::kDamaged) return DamageFound(segment, scan);
  if (scan.ending == SegmentScan::Ending::kTorn && options.diagnostics) {
    options.diagnostics(fmt::format(
        "{}: cut {} bytes at byte {}, which an unfinished write left: record {} is not whole ({}) "
        "and was never acknowledged",
        segment.path(), n - scan.end_position, scan.end_position, scan.end.value,
        FrameFaultText(scan.fault)));
  }
  if (n > scan.end_position) CONNTRAIL_RETURN_IF_ERROR(file.Truncate(scan.end_position));

  // The last group may never have been synced; and if its sync failed, the system may hold it and
  // take it for written. Written once more, the sync below tells the truth about it.
  const ByteSpan last_group = ByteSpan(bytes).subspan(scan.last_group_position,
                                                      scan.end_position - scan.last_group_position);
  CONNTRAIL_RETURN_IF_ERROR(file.WriteAt(scan.last_group_position, last_group));
  CONNTRAIL_RETURN_IF_ERROR(file.Sync(options.sync));
  return Recovered{std::move(file), {scan.end, scan.end_position}, scan.append_time_ms};
}

}  // namespace

// One append that waits. It lives on the stack of the thread that waits.
struct EmbeddedLog::Waiter {
  explicit Waiter(std::span<AppendRequest> asked) : requests(asked) { ::sem_init(&called_, 0, 0); }
  ~Waiter() { ::sem_destroy(&called_); }

  // A semaphore, for the caller holds no lock here that 63 others would then queue for; and a
  // POSIX one, for that may be destroyed as soon as Await has returned.
  void Await() {
    while (::sem_wait(&called_) != 0) CONNTRAIL_CHECK(errno == EINTR);
  }
  void Call() { CONNTRAIL_CHECK(::sem_post(&called_) == 0); }

  const std::span<AppendRequest> requests;
  Status status;
  bool leads = false;  // called to write the next group, not because its own is written

 private:
  sem_t called_;
};

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(const std::string& directory,
                                                       EmbeddedLogOptions options) {
  CONNTRAIL_ASSIGN_OR_RETURN(File lock, LockLogDirectory(directory));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto closed, ReadClosedMark(directory));
  if (closed && !options.opens_closed) return RefusalOf(directory, *closed);
  CONNTRAIL_ASSIGN_OR_RETURN(
      const Uuid log_id, ReadOrMakeLogId(directory, options.log_id, *options.clock, options.sync));
  CONNTRAIL_ASSIGN_OR_RETURN(Segments segments, OpenSegments(directory, log_id));
  CONNTRAIL_ASSIGN_OR_RETURN(Recovered recovered, RecoverLastSegment(*segments.back(), options));
  auto writer = std::make_unique<LogWriter>(
      directory,
      LogWriterOptions{options.clock, options.segment_bytes_max, options.take_ahead_bytes,
                       options.sync},
      segments.back(), std::move(recovered.file), recovered.end, recovered.append_time_ms);
  return std::unique_ptr<EmbeddedLog>(new EmbeddedLog(
      std::move(lock), log_id, options.group_bytes_max, std::move(segments), std::move(writer)));
}

EmbeddedLog::EmbeddedLog(File lock, const Uuid& log_id, uint64_t group_bytes_max, Segments segments,
                         std::unique_ptr<LogWriter> writer)
    : lock_(std::move(lock)),
      log_id_(log_id),
      group_bytes_max_(group_bytes_max),
      writer_(std::move(writer)),
      segments_(std::move(segments)),
      end_(writer_->end()) {}

EmbeddedLog::~EmbeddedLog() = default;

Result<Offset> EmbeddedLog::Append(PartitionId partition, const OrgId& key, ByteSpan payload) {
  CONNTRAIL_CHECK(partition.value == 0);
  AppendRequest request{
      .key = key, .payloads = {&payload, 1}, .append_time_ms = std::nullopt, .first = {}};
  CONNTRAIL_RETURN_IF_ERROR(Submit({&request, 1}));
  return request.first;
}

Result<Offset> EmbeddedLog::AppendAll(PartitionId partition, const OrgId& key,
                                      const std::vector<ByteSpan>& payloads) {
  CONNTRAIL_CHECK(partition.value == 0);
  AppendRequest request{
      .key = key, .payloads = payloads, .append_time_ms = std::nullopt, .first = {}};
  CONNTRAIL_RETURN_IF_ERROR(Submit({&request, 1}));
  return request.first;
}

std::vector<Result<Offset>> EmbeddedLog::AppendEach(PartitionId partition,
                                                    std::span<const NewRecord> records) {
  CONNTRAIL_CHECK(partition.value == 0);
  std::vector<AppendRequest> requests;
  requests.reserve(records.size());
  for (const NewRecord& record : records) {
    requests.push_back({.key = record.key,
                        .payloads = {&record.payload, 1},
                        .append_time_ms = std::nullopt,
                        .first = {}});
  }
  const Status status = records.empty() ? Status::Ok() : Submit(requests);
  std::vector<Result<Offset>> appended;
  appended.reserve(requests.size());
  for (const AppendRequest& request : requests) {
    appended.push_back(status.ok() ? Result<Offset>(request.first) : Result<Offset>(status));
  }
  return appended;
}

// Whoever stands at the front of the queue writes for all behind it.
Status EmbeddedLog::Submit(std::span<AppendRequest> requests) {
  for (const AppendRequest& request : requests) {
    CONNTRAIL_CHECK(!request.payloads.empty());
    for (const ByteSpan p : request.payloads) CONNTRAIL_CHECK(p.size() <= kRecordBytesMax);
  }
  Waiter waiter(requests);
  bool is_first;
  {
    const std::lock_guard lock(mutex_);
    is_first = waiter.leads = queue_.empty();
    queue_.push_back(&waiter);
  }
  if (!is_first) waiter.Await();  // until then `waiter` is the leader's
  if (waiter.leads) WriteNextGroup();
  return waiter.status;
}

void EmbeddedLog::WriteNextGroup() {
  AwaitCompany();
  std::vector<Waiter*> group;
  std::vector<AppendRequest*> requests;
  uint64_t records = 0;
  {
    const std::lock_guard lock(mutex_);
    group = NextGroup();
    last_group_size_ = group.size();
  }
  for (Waiter* waiter : group) {
    for (AppendRequest& request : waiter->requests) {
      requests.push_back(&request);
      records += request.payloads.size();
    }
  }

  const Status status = writer_->Write(requests);  // the group keeps the front of the queue
  {
    const std::lock_guard lock(mutex_);
    Publish(status.ok() ? records : 0);
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
    if (!queue_.empty()) {
      queue_.front()->leads = true;
      queue_.front()->Call();
    }
  }
  group.front()->status = status;  // this thread's own
  for (Waiter* waiter : std::span(group).subspan(1)) {
    waiter->status = status;
    waiter->Call();  // and is gone
  }
}

// Appenders that the last group let go are likely on their way back; a group that leaves without
// them makes them wait for two syncs. A lone appender does not wait here.
void EmbeddedLog::AwaitCompany() {
  for (int i = 0; i < kYieldsMax; ++i) {
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() >= last_group_size_) return;
    }
    std::this_thread::yield();
  }
}

// REQUIRES: mutex_ is held.
std::vector<EmbeddedLog::Waiter*> EmbeddedLog::NextGroup() const {
  std::vector<Waiter*> group;
  uint64_t bytes = 0;
  for (Waiter* waiter : queue_) {
    for (const AppendRequest& request : waiter->requests) {
      for (const ByteSpan p : request.payloads) bytes += p.size();
    }
    if (!group.empty() && bytes > group_bytes_max_) break;
    group.push_back(waiter);
  }
  return group;
}

// Lets readers see what the writer made durable. REQUIRES: mutex_ is held.
void EmbeddedLog::Publish(uint64_t records) {
  if (writer_->segment() != segments_.back()) segments_.push_back(writer_->segment());
  end_ = writer_->end();
  if (records == 0) return;
  stats_.records += records;
  ++stats_.syncs;
  grown_.notify_all();
}

Result<ReadBatch> EmbeddedLog::Read(PartitionId partition, Offset from, size_t bytes_max) {
  CONNTRAIL_CHECK(partition.value == 0);
  std::shared_ptr<Segment> segment;
  SegmentLimit limit;
  {
    const std::lock_guard lock(mutex_);
    if (from == end_.offset) return ReadBatch();
    if (from > end_.offset) {
      return Status::InvalidArgument(
          fmt::format("offset {} is beyond the end, {}", from.value, end_.offset.value));
    }
    const auto next = std::upper_bound(segments_.begin(), segments_.end(), from,
                                       [](Offset offset, const std::shared_ptr<Segment>& s) {
                                         return offset < s->header().first_offset;
                                       });
    segment = *std::prev(next);
    limit = next == segments_.end()
                ? end_
                : SegmentLimit{(*next)->header().first_offset, (*next)->header().previous_bytes};
  }
  return segment->Read(from, limit, bytes_max);
}

Result<Offset> EmbeddedLog::End(PartitionId partition) {
  CONNTRAIL_CHECK(partition.value == 0);
  const std::lock_guard lock(mutex_);
  return end_.offset;
}

bool EmbeddedLog::WaitFor(PartitionId partition, Offset offset,
                          std::chrono::milliseconds wait_max) {
  CONNTRAIL_CHECK(partition.value == 0);
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, wait_max, [&] { return end_.offset > offset; });
}

Status EmbeddedLog::AppendCopies(std::span<const LogRecord> records) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, End(PartitionId(0)));
  std::vector<AppendRequest> requests;
  requests.reserve(records.size());
  for (const LogRecord& record : records) {
    CONNTRAIL_CHECK(record.offset.value == end.value + requests.size());
    requests.push_back({.key = record.key,
                        .payloads = {&record.payload, 1},
                        .append_time_ms = record.append_time_ms,
                        .first = {}});
  }
  return records.empty() ? Status::Ok() : Submit(requests);
}

Status EmbeddedLog::Verify() {
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, End(PartitionId(0)));
  for (Offset at(0); at < end;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, Read(PartitionId(0), at, kVerifyBytes));
    at = batch.records.back().offset.Next();
  }
  return Status::Ok();
}

EmbeddedLog::Stats EmbeddedLog::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace conntrail
