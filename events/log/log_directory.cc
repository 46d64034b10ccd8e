#include "events/log/log_directory.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace conntrail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIdName = "log.id";
constexpr size_t kSegmentNameBytes = 20 + 8;  // twenty digits, ".segment"

std::string PathIn(const std::string& directory, const std::string& name) {
  return directory + "/" + name;
}

// The first offset in a segment's file name; nullopt if this is no segment's name.
std::optional<Offset> OffsetInName(const std::string& name) {
  if (name.size() != kSegmentNameBytes || !name.ends_with(".segment")) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < 20; ++i) {
    if (name[i] < '0' || name[i] > '9') return std::nullopt;
    if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, name[i] - '0', &value)) return std::nullopt;
  }
  return Offset(value);
}

// First offsets of all segment files, ascending. Removes what was never published.
Result<std::vector<Offset>> ListSegments(const std::string& directory) {
  std::vector<Offset> offsets;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.ends_with(kUnpublishedSuffix)) {
      fs::remove(it->path(), error);
    } else if (const auto offset = OffsetInName(name)) {
      offsets.push_back(*offset);
    }
    if (error) break;
  }
  if (error) return Status::Io(fmt::format("{}: cannot list: {}", directory, error.message()));
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

Result<SegmentHeader> ReadHeader(const File& file) {
  Bytes bytes(kSegmentHeaderBytes);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(0, bytes));
  auto header = DecodeSegmentHeader(ByteSpan(bytes).first(n));
  if (header.ok()) return header;
  return Status::Corruption(file.path() + ": " + header.status().message());
}

struct Found {
  SegmentHeader header;
  uint64_t bytes = 0;
  std::string path;
};

Result<Found> OpenSegment(const std::string& path, Offset first_offset, const Uuid& log_id) {
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, File::Open(path, O_RDONLY));
  CONNTRAIL_ASSIGN_OR_RETURN(const SegmentHeader header, ReadHeader(file));
  if (header.log_id != log_id) {
    return Status::Corruption(fmt::format("{}: this segment belongs to the log {}, not to {}", path,
                                          header.log_id.ToString(), log_id.ToString()));
  }
  if (header.first_offset != first_offset) {
    return Status::Corruption(
        fmt::format("{}: this segment begins at offset {}; it was renamed, or swapped with another",
                    path, header.first_offset.value));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t bytes, file.Size());
  return Found{header, bytes, path};
}

Status CheckSuccession(const Found& before, const Found& found) {
  if (found.header.previous_first_offset != before.header.first_offset) {
    return Status::Corruption(
        fmt::format("{} is missing: {} comes after it, and before it there is only {}",
                    SegmentName(found.header.previous_first_offset), found.path, before.path));
  }
  if (found.header.previous_bytes != before.bytes) {
    return Status::Corruption(
        fmt::format("{}: {} bytes long, but it was {} when its records, up to offset {}, were full",
                    before.path, before.bytes, found.header.previous_bytes,
                    found.header.first_offset.value - 1));
  }
  return Status::Ok();
}

}  // namespace

Result<File> LockLogDirectory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    const std::error_code error(errno, std::generic_category());
    return Status::Io(fmt::format("{}: cannot make it: {}", directory, error.message()));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(File lock, File::Open(PathIn(directory, "LOCK"), O_RDWR | O_CREAT));
  if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return lock.Error("lock");
    Bytes holder(20);
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, lock.ReadAt(0, holder));
    return Status::FailedPrecondition(
        fmt::format("the log in {} is in use by process {}; stop that first", directory,
                    n == 0 ? "(unknown)" : AsText(holder).substr(0, n)));
  }
  CONNTRAIL_RETURN_IF_ERROR(lock.Truncate(0));
  CONNTRAIL_RETURN_IF_ERROR(lock.WriteAt(0, AsBytes(std::to_string(::getpid()))));
  return lock;
}

Result<std::optional<Uuid>> ReadLogId(const std::string& directory) {
  const std::string path = PathIn(directory, kIdName);
  if (std::error_code error; !fs::exists(path, error) && !error) return std::optional<Uuid>();
  CONNTRAIL_ASSIGN_OR_RETURN(const File file, File::Open(path, O_RDONLY));
  Bytes bytes(64);
  CONNTRAIL_ASSIGN_OR_RETURN(const size_t n, file.ReadAt(0, bytes));
  const std::string_view text = AsText(bytes).substr(0, n);
  std::optional<Uuid> id;
  if (text.ends_with('\n')) id = Uuid::Parse(text.substr(0, n - 1));
  if (!id) return Status::Corruption(fmt::format("{}: this is no log id", path));
  return id;
}

Result<Uuid> ReadOrMakeLogId(const std::string& directory, const Uuid& log_id, const Clock& clock,
                             const SyncCall& sync) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto segments, ListSegments(directory));
  CONNTRAIL_ASSIGN_OR_RETURN(const auto id, ReadLogId(directory));
  if (id && segments.empty()) {
    return Status::Corruption(
        fmt::format("{}: there is a log id, but all segments are missing", directory));
  }
  if (id && !log_id.is_nil() && *id != log_id) {
    return Status::FailedPrecondition(
        fmt::format("in {} is the log {}, not {}; choose another directory", directory,
                    id->ToString(), log_id.ToString()));
  }
  if (id) return *id;

  SegmentHeader header;
  if (segments.empty()) {
    header.log_id = log_id.is_nil() ? Uuid::NewTimeOrdered(clock.Now()) : log_id;
    CONNTRAIL_RETURN_IF_ERROR(MakeSegment(directory, header, sync).status());
  } else {
    // A crash between the first segment and log.id leaves exactly one segment without records.
    CONNTRAIL_ASSIGN_OR_RETURN(
        const File file, File::Open(PathIn(directory, SegmentName(segments.back())), O_RDONLY));
    CONNTRAIL_ASSIGN_OR_RETURN(header, ReadHeader(file));
    CONNTRAIL_ASSIGN_OR_RETURN(const uint64_t bytes, file.Size());
    if (segments.back() != Offset(0) || bytes != kSegmentHeaderBytes) {
      return Status::Corruption(
          fmt::format("{}: there are records, but {} is missing", directory, kIdName));
    }
  }
  const std::string text = header.log_id.ToString() + "\n";
  CONNTRAIL_RETURN_IF_ERROR(PublishFile(directory, kIdName, AsBytes(text), sync).status());
  return header.log_id;
}

Result<std::vector<std::shared_ptr<Segment>>> OpenSegments(const std::string& directory,
                                                           const Uuid& log_id) {
  CONNTRAIL_ASSIGN_OR_RETURN(const auto offsets, ListSegments(directory));
  if (offsets.empty() || offsets.front() != Offset(0)) {
    return Status::Corruption(fmt::format("{}: {} is missing", directory, SegmentName(Offset(0))));
  }
  std::vector<std::shared_ptr<Segment>> segments;
  std::optional<Found> before;
  for (const Offset offset : offsets) {
    CONNTRAIL_ASSIGN_OR_RETURN(Found found,
                               OpenSegment(PathIn(directory, SegmentName(offset)), offset, log_id));
    if (before) CONNTRAIL_RETURN_IF_ERROR(CheckSuccession(*before, found));
    segments.push_back(std::make_shared<Segment>(found.path, found.header));
    before = std::move(found);
  }
  return segments;
}

Result<MadeSegment> MakeSegment(const std::string& directory, SegmentHeader header,
                                const SyncCall& sync) {
  if (::getrandom(&header.salt, sizeof(header.salt), 0) != sizeof(header.salt)) {
    return Status::Io("the system's random source failed");
  }
  CONNTRAIL_ASSIGN_OR_RETURN(File file, PublishFile(directory, SegmentName(header.first_offset),
                                                    EncodeSegmentHeader(header), sync));
  return MadeSegment{header, std::move(file)};
}

}  // namespace conntrail
