#include "events/log/directory_copy.h"

#include <fmt/format.h>

#include "events/log/closed_mark.h"
#include "events/log/embedded_log.h"
#include "events/log/log_directory.h"

namespace conntrail {
namespace {

class DirectoryCopy final : public CopyTarget {
 public:
  DirectoryCopy(std::string directory, std::unique_ptr<EmbeddedLog> log, bool is_open)
      : directory_(std::move(directory)), log_(std::move(log)), is_open_(is_open) {}

  EventLog& log() override { return *log_; }
  bool is_open() const override { return is_open_; }

  Status Append(PartitionId, std::span<const LogRecord> records) override {
    for (const LogRecord& record : records) {
      if (record.payload.size() <= kRecordBytesMax) continue;
      return Status::FailedPrecondition(fmt::format(
          "record {} of the source has {} bytes, and an embedded log takes records of at most {}: "
          "somebody wrote it straight to the topic; this log can only go to another topic",
          record.offset.value, record.payload.size(), kRecordBytesMax));
    }
    return log_->AppendCopies(records);
  }
  Status Flush() override { return Status::Ok(); }

  Status OpenUp() override {
    if (is_open_) return Status::Ok();
    CONNTRAIL_RETURN_IF_ERROR(RemoveClosedMark(directory_));
    is_open_ = true;
    return Status::Ok();
  }

 private:
  const std::string directory_;
  const std::unique_ptr<EmbeddedLog> log_;
  bool is_open_;
};

}  // namespace

Result<std::unique_ptr<CopyTarget>> BeginCopyToDirectory(const std::string& directory,
                                                         const EventLog& source,
                                                         const std::string& source_place) {
  if (source.partition_count() != 1) {
    return Status::FailedPrecondition(fmt::format(
        "the source has {} partitions and an embedded log one: there is no order between records "
        "of two partitions that could be kept; copy it to a topic",
        source.partition_count()));
  }
  bool is_open = false;
  {
    CONNTRAIL_ASSIGN_OR_RETURN(const File lock, LockLogDirectory(directory));
    CONNTRAIL_ASSIGN_OR_RETURN(const auto there, ReadLogId(directory));
    CONNTRAIL_ASSIGN_OR_RETURN(const auto closed, ReadClosedMark(directory));
    is_open = there && !closed;
    // Before the first file of a log: there is never one that looks whole.
    if (!is_open && (!there || *there == source.log_id())) {
      CONNTRAIL_RETURN_IF_ERROR(
          WriteClosedMark(directory, {ClosedMark::Why::kUnfinished, source_place}));
    }
  }
  CONNTRAIL_ASSIGN_OR_RETURN(auto log, EmbeddedLog::Open(directory, {.log_id = source.log_id(),
                                                                     .opens_closed = !is_open}));
  return std::unique_ptr<CopyTarget>(
      std::make_unique<DirectoryCopy>(directory, std::move(log), is_open));
}

}  // namespace conntrail
