#include "events/log/log_writer.h"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "events/log/log_directory.h"

namespace conntrail {
namespace {

constexpr size_t kBufferKeptBytes = 8 << 20;

}  // namespace

LogWriter::LogWriter(std::string directory, LogWriterOptions options,
                     std::shared_ptr<Segment> segment, File file, const SegmentLimit& end,
                     UnixMs append_time_ms)
    : directory_(std::move(directory)),
      options_(std::move(options)),
      segment_(std::move(segment)),
      file_(std::move(file)),
      file_bytes_(end.position),
      end_(end),
      append_time_ms_(append_time_ms) {}

LogWriter::~LogWriter() {
  // Gives back the space taken ahead. If this fails the zeros stay, and the next open cuts them.
  if (!is_failed() && file_bytes_ > end_.position) (void)file_.Truncate(end_.position);
}

Status LogWriter::Write(std::span<AppendRequest* const> group) {
  CONNTRAIL_RETURN_IF_ERROR(failure_);
  if (end_.offset > segment_->header().first_offset &&
      end_.position >= options_.segment_bytes_max) {
    CONNTRAIL_RETURN_IF_ERROR(BeginSegment());
  }
  Encode(group);
  CONNTRAIL_RETURN_IF_ERROR(WriteBuffer());
  if (Status status = file_.Sync(DataSync()); !status.ok()) return Fail(std::move(status));

  uint64_t records = 0;
  for (AppendRequest* request : group) {
    request->first = Offset(end_.offset.value + records);
    records += request->payloads.size();
  }
  end_ = {Offset(end_.offset.value + records), end_.position + buffer_.size()};
  if (buffer_.capacity() > kBufferKeptBytes) buffer_ = Bytes();
  return Status::Ok();
}

void LogWriter::Encode(std::span<AppendRequest* const> group) {
  const UnixMs now_ms = options_.clock->Now();
  buffer_.clear();
  Frame frame;
  frame.record.offset = end_.offset;
  for (const AppendRequest* request : group) {
    append_time_ms_ = request->append_time_ms.value_or(std::max(append_time_ms_, now_ms));
    frame.record.append_time_ms = append_time_ms_;
    frame.record.key = request->key;
    for (const ByteSpan payload : request->payloads) {
      frame.record.payload = payload;
      EncodeFrame(frame, segment_->header().salt, buffer_);
      frame.record.offset = frame.record.offset.Next();
      ++frame.group_index;
    }
  }
}

// A failed write is taken back, so that the next one finds the file as if it had not been.
Status LogWriter::WriteBuffer() {
  TakeAhead(end_.position + buffer_.size());
  const Status status = file_.WriteAt(end_.position, buffer_);
  if (status.ok()) {
    file_bytes_ = std::max(file_bytes_, end_.position + buffer_.size());
    return status;
  }
  if (Status cut = file_.Truncate(end_.position); !cut.ok()) {
    (void)Fail(std::move(cut));
  } else {
    file_bytes_ = end_.position;
  }
  return status;
}

// Makes the file longer than needed: then most syncs need not write the file's size as well, which
// took a quarter off a lone append (ext4). Space that is not to be had here is not needed yet.
void LogWriter::TakeAhead(uint64_t position) {
  if (options_.take_ahead_bytes == 0 || position <= file_bytes_) return;
  const uint64_t bytes = position + options_.take_ahead_bytes;
  if (::fallocate(file_.fd(), 0, static_cast<off_t>(file_bytes_),
                  static_cast<off_t>(bytes - file_bytes_)) == 0) {
    file_bytes_ = bytes;
  }
}

// The old segment gets its last size before the new one tells it.
Status LogWriter::BeginSegment() {
  if (file_bytes_ != end_.position) {
    CONNTRAIL_RETURN_IF_ERROR(file_.Truncate(end_.position));
    file_bytes_ = end_.position;
    if (Status status = file_.Sync(options_.sync); !status.ok()) return Fail(std::move(status));
  }
  const SegmentHeader header{
      .log_id = segment_->header().log_id,
      .first_offset = end_.offset,
      .previous_first_offset = segment_->header().first_offset,
      .previous_bytes = end_.position,
      .previous_append_time_ms = append_time_ms_,
  };
  auto made = MakeSegment(directory_, header, options_.sync);
  if (!made.ok()) {
    // The new segment may stand in the directory or not; writing on in the old one would leave two.
    const std::string path = directory_ + "/" + SegmentName(header.first_offset);
    if (::access(path.c_str(), F_OK) == 0) return Fail(made.status());
    return made.status();
  }
  segment_ = std::make_shared<Segment>(made->file.path(), made->header);
  file_ = std::move(made->file);
  file_bytes_ = end_.position = kSegmentHeaderBytes;
  return Status::Ok();
}

Status LogWriter::Fail(Status status) {
  failure_ = Status::Io("the log takes no more records until it is opened again, for: " +
                        status.message());
  return status;
}

SyncCall LogWriter::DataSync() const {
  return options_.sync ? options_.sync : SyncCall(&::fdatasync);
}

}  // namespace conntrail
