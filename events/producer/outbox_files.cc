#include "events/producer/outbox_files.h"

#include <algorithm>
#include <deque>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/event_codec.h"
#include "events/log/log_directory.h"
#include "events/log/segment_format.h"

namespace conntrail {
namespace {

constexpr PartitionId kOnly{0};

uint64_t BytesOf(ByteSpan payload) { return kFrameHeaderBytes + payload.size(); }

}  // namespace

uint64_t OutboxFiles::disk_bytes() const {
  const std::lock_guard lock(mutex_);
  uint64_t bytes = 0;
  for (const auto& [number, part] : parts_) bytes += part.bytes;
  return bytes;
}

Status OutboxFiles::SyncDirectory(const std::string& directory) const {
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, File::Open(directory, O_RDONLY | O_DIRECTORY));
  return file.Sync(log_options_.sync);
}

// Renamed first: what is left after a crash is no part.
Status OutboxFiles::Remove(const std::string& name) const {
  namespace fs = std::filesystem;
  const fs::path path = fs::path(directory_) / name;
  const fs::path gone = path.string() + ".removed";
  std::error_code error;
  fs::remove_all(gone, error);
  fs::rename(path, gone, error);
  if (!error) fs::remove_all(gone, error);
  if (error)
    return Status::Io(fmt::format("{}: cannot remove: {}", path.string(), error.message()));
  return Status::Ok();
}

// The successor of the last part, with all numbers in its heads.
Status OutboxFiles::MakePart(uint64_t number) {
  namespace fs = std::filesystem;
  const std::string path = directory_ + "/" + PartName(number);
  std::error_code error;
  if (fs::exists(path, error)) CONNTRAIL_RETURN_IF_ERROR(Remove(PartName(number)));
  Part part;
  CONNTRAIL_ASSIGN_OR_RETURN(part.log, EmbeddedLog::Open(path, log_options_));
  CONNTRAIL_RETURN_IF_ERROR(SyncDirectory(directory_));
  const std::vector<std::string> heads = HeadTexts(producer_, numbers_);
  std::vector<ByteSpan> payloads;
  for (const std::string& head : heads) {
    payloads.push_back(AsBytes(head));
    part.bytes += BytesOf(payloads.back());
  }
  CONNTRAIL_RETURN_IF_ERROR(part.log->AppendAll(kOnly, OrgId(), payloads).status());
  part.heads = heads.size();
  const std::lock_guard lock(mutex_);
  parts_[number] = std::move(part);
  return Status::Ok();
}

// Room for so many bytes in the last part, which may be a new one.
Status OutboxFiles::MakeRoom(uint64_t bytes) {
  const uint64_t used = disk_bytes();
  if (used + bytes > bytes_max_) {
    return Status::FailedPrecondition(fmt::format(
        "the outbox {} is full: {} of at most {} bytes are taken", directory_, used, bytes_max_));
  }
  uint64_t last = 0;
  {
    const std::lock_guard lock(mutex_);
    last = parts_.rbegin()->first;
    if (parts_.rbegin()->second.bytes < part_bytes_) return Status::Ok();
  }
  return MakePart(last + 1);
}

uint64_t OutboxFiles::LastNumber(const OrgId& org) const {
  const auto found = numbers_.find(org);
  return found == numbers_.end() ? 0 : found->second;
}

Status OutboxFiles::Append(const std::vector<Event*>& events) {
  LastNumbers next;
  std::deque<Bytes> payloads;  // the records point into it
  std::vector<NewRecord> records;
  uint64_t bytes = 0;
  for (Event* event : events) {
    uint64_t& number = next.try_emplace(event->org, LastNumber(event->org)).first->second;
    event->producer = producer_;
    event->producer_sequence = ++number;
    payloads.push_back(EncodeEvent(*event));
    records.push_back({event->org, payloads.back()});
    bytes += BytesOf(payloads.back());
  }
  CONNTRAIL_RETURN_IF_ERROR(MakeRoom(bytes));
  std::shared_ptr<EmbeddedLog> log;
  {
    const std::lock_guard lock(mutex_);
    log = parts_.rbegin()->second.log;
  }
  for (const Result<Offset>& one : log->AppendEach(kOnly, records)) {
    CONNTRAIL_RETURN_IF_ERROR(one.status());
  }
  for (const auto& [org, number] : next) numbers_[org] = number;
  const std::lock_guard lock(mutex_);
  parts_.rbegin()->second.bytes += bytes;
  return Status::Ok();
}

Result<OutboxBatch> OutboxFiles::Read(OutboxPlace from, size_t bytes_max) {
  while (true) {
    Part part;
    bool is_last = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = parts_.lower_bound(from.part);
      if (found == parts_.end()) return OutboxBatch{.first = from, .after = from};
      if (found->first != from.part) from = {found->first, Offset(0)};
      part = found->second;
      is_last = std::next(found) == parts_.end();
    }
    from.offset = std::max(from.offset, Offset(part.heads));
    // Told before it is read: nothing is added to a part that has a successor.
    OutboxBatch batch{.first = from, .after = from};
    CONNTRAIL_ASSIGN_OR_RETURN(batch.read, part.log->Read(kOnly, from.offset, bytes_max));
    if (batch.read.records.empty() && !is_last) {
      from = {from.part + 1, Offset(0)};
      continue;
    }
    batch.after.offset = Offset(from.offset.value + batch.read.records.size());
    return batch;
  }
}

// Parts go first: on a disk that is full there may be no room for the note, and it is not needed
// for parts that are not there.
Status OutboxFiles::NoteSent(const OutboxProgress& progress) {
  std::vector<uint64_t> gone;
  {
    const std::lock_guard lock(mutex_);
    while (parts_.begin()->first < progress.next.part) {
      gone.push_back(parts_.begin()->first);
      parts_.erase(parts_.begin());
    }
  }
  for (const uint64_t number : gone) CONNTRAIL_RETURN_IF_ERROR(Remove(PartName(number)));
  return PublishFile(directory_, "sent", AsBytes(ProgressText(progress)), log_options_.sync)
      .status();
}

}  // namespace conntrail
