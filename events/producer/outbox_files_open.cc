// What an outbox finds when it is opened.

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>

#include "events/base/check.h"
#include "events/event_codec.h"
#include "events/log/log_directory.h"
#include "events/producer/outbox_files.h"

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr PartitionId kOnly{0};
constexpr size_t kReadBytes = 1 << 20;
constexpr size_t kProgressBytesMax = 256;
// Only a log's last segment is read when it is opened.
constexpr uint64_t kSegmentBytesMax = 8 << 20;

uint64_t PartBytes(const OutboxOptions& options) {
  return std::min(options.part_bytes, options.bytes_max / 8);
}

EmbeddedLogOptions LogOptions(const OutboxOptions& options) {
  return {.clock = options.clock,
          .segment_bytes_max = std::min(PartBytes(options), kSegmentBytesMax),
          .take_ahead_bytes = std::min<uint64_t>(PartBytes(options) / 16, 1 << 20),
          .diagnostics = options.diagnostics,
          .sync = options.sync};
}

}  // namespace

OutboxFiles::OutboxFiles(std::string directory, File lock, const OutboxOptions& options)
    : directory_(std::move(directory)),
      lock_(std::move(lock)),
      name_(options.producer),
      bytes_max_(options.bytes_max),
      part_bytes_(PartBytes(options)),
      log_options_(LogOptions(options)) {}

Result<std::unique_ptr<OutboxFiles>> OutboxFiles::Open(const std::string& directory,
                                                       const OutboxOptions& options) {
  CONNTRAIL_ASSIGN_OR_RETURN(File lock, LockLogDirectory(directory));
  std::unique_ptr<OutboxFiles> files(new OutboxFiles(directory, std::move(lock), options));
  CONNTRAIL_ASSIGN_OR_RETURN(std::vector<uint64_t> parts, files->ListParts());
  CONNTRAIL_RETURN_IF_ERROR(files->ReadProgress());
  CONNTRAIL_RETURN_IF_ERROR(files->OpenParts(std::move(parts)));
  if (files->parts_.empty()) {
    if (files->progress_ != OutboxProgress()) {
      return Status::Corruption(directory + ": something was sent, but all parts are missing");
    }
    const std::string parent = fs::absolute(directory).parent_path().string();
    CONNTRAIL_RETURN_IF_ERROR(files->SyncDirectory(parent));
    files->producer_ =
        options.producer + "/" + Uuid::NewTimeOrdered(options.clock->Now()).ToString();
    CONNTRAIL_RETURN_IF_ERROR(files->MakePart(1));
  }
  CONNTRAIL_RETURN_IF_ERROR(files->CountWaiting());
  return files;
}

// Ascending. Removes what a crash left.
Result<std::vector<uint64_t>> OutboxFiles::ListParts() const {
  std::vector<uint64_t> numbers;
  std::vector<fs::path> left;
  std::error_code error;
  for (fs::directory_iterator it(directory_, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (const auto number = ParsePartName(name)) numbers.push_back(*number);
    if (name.ends_with(".removed") || name.ends_with(kUnpublishedSuffix)) {
      left.push_back(it->path());
    }
  }
  for (const fs::path& path : left) {
    if (!error) fs::remove_all(path, error);
  }
  if (error) return Status::Io(fmt::format("{}: cannot list: {}", directory_, error.message()));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Status OutboxFiles::ReadProgress() {
  const std::string path = directory_ + "/sent";
  std::error_code error;
  if (!fs::exists(path, error)) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, File::Open(path, O_RDONLY));
  Bytes bytes(kProgressBytesMax);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(0, bytes));
  const auto progress = ParseProgress(AsText(bytes).substr(0, n));
  if (!progress) return Status::Corruption(path + ": does not say how far sending has come");
  progress_ = *progress;
  return Status::Ok();
}

Result<OutboxFiles::Part> OutboxFiles::OpenPart(uint64_t number) const {
  Part part;
  const std::string path = directory_ + "/" + PartName(number);
  CONNTRAIL_ASSIGN_OR_RETURN(part.log, EmbeddedLog::Open(path, log_options_));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.path().extension() == ".segment") part.bytes += entry.file_size(error);
  }
  if (error) return Status::Io(fmt::format("{}: cannot list: {}", path, error.message()));
  return part;
}

// Counts them, and takes the numbers from them if they are those of the last part. kNotFound: they
// are not all there.
Status OutboxFiles::TakeHeads(Part& part) {
  OutboxHead head;
  numbers_.clear();
  do {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, part.log->Read(kOnly, Offset(part.heads), 1));
    if (batch.records.empty()) return Status::NotFound("a part without its heads");
    const auto parsed = ParseHead(AsText(batch.records.front().payload));
    if (!parsed || parsed->index != part.heads + 1) {
      return Status::Corruption(
          fmt::format("{}: record {} of a part is no head of it", directory_, part.heads));
    }
    head = *parsed;
    numbers_.insert(head.numbers.begin(), head.numbers.end());
  } while (++part.heads < head.count);
  if (!producer_.empty() && producer_ != head.producer) {
    return Status::Corruption(directory_ + ": has parts of several producers");
  }
  producer_ = head.producer;
  return Status::Ok();
}

Status OutboxFiles::TakeNumbers(const Part& part) {
  for (Offset at(part.heads);;) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch batch, part.log->Read(kOnly, at, kReadBytes));
    if (batch.records.empty()) return Status::Ok();
    for (const LogRecord& record : batch.records) {
      const DecodedEvent decoded = DecodeEvent(record.payload, DecodeDepth::kDecisive);
      uint64_t& last = numbers_[record.key];
      if (decoded.fault != DecodeFault::kNone || decoded.event.producer_sequence != last + 1) {
        return Status::Corruption(
            fmt::format("{}: record {} of the last part is not number {} of {}", directory_,
                        record.offset.value, last + 1, record.key.ToString()));
      }
      ++last;
    }
    at = batch.records.back().offset.Next();
  }
}

Status OutboxFiles::OpenParts(std::vector<uint64_t> numbers) {
  for (const uint64_t number : numbers) {
    if (number < progress_.next.part) {  // sent, and not yet removed
      CONNTRAIL_RETURN_IF_ERROR(Remove(PartName(number)));
      continue;
    }
    if (!parts_.empty() && number != parts_.rbegin()->first + 1) {
      return Status::Corruption(
          fmt::format("{}: {} is missing", directory_, PartName(parts_.rbegin()->first + 1)));
    }
    CONNTRAIL_ASSIGN_OR_RETURN(Part part, OpenPart(number));
    const LastNumbers before = numbers_;
    const Status taken = TakeHeads(part);
    if (taken.code() == StatusCode::kNotFound && number == numbers.back()) {
      // A crash came between its making and its heads: no event is in it.
      part.log.reset();
      numbers_ = before;
      CONNTRAIL_RETURN_IF_ERROR(Remove(PartName(number)));
      break;
    }
    if (taken.code() == StatusCode::kNotFound) return Status::Corruption(taken.message());
    CONNTRAIL_RETURN_IF_ERROR(taken);
    parts_[number] = std::move(part);
  }
  if (parts_.empty()) return Status::Ok();
  if (!producer_.starts_with(name_ + "/") || producer_.size() != name_.size() + 37) {
    return Status::FailedPrecondition(fmt::format("{} is the outbox of the producer {}, not of {}",
                                                  directory_, producer_, name_));
  }
  Part last = parts_.rbegin()->second;
  last.heads = 0;
  CONNTRAIL_RETURN_IF_ERROR(TakeHeads(last));
  return TakeNumbers(last);
}

Status OutboxFiles::CountWaiting() {
  OutboxPlace& next = progress_.next;
  if (next.part < parts_.begin()->first) next = {parts_.begin()->first, Offset(0)};
  for (const auto& [number, part] : parts_) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, part.log->End(kOnly));
    if (number == next.part && next.offset > end) {
      return Status::Corruption(fmt::format(
          "{}: {} records of {} were sent, and only {} are there: this is an older copy",
          directory_, next.offset.value, PartName(number), end.value));
    }
    const uint64_t from = number == next.part ? next.offset.value : 0;
    waiting_ += end.value - std::max(from, part.heads);
  }
  if (next.part > parts_.rbegin()->first) {
    return Status::Corruption(
        fmt::format("{}: {} is missing: this is an older copy", directory_, PartName(next.part)));
  }
  return Status::Ok();
}

}  // namespace conntrail
