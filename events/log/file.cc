#include "events/log/file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace conntrail {
namespace {

Status ErrorAt(const std::string& path, const char* what) {
  const int error = errno;
  return Status::Io(
      fmt::format("{}: cannot {}: {}", path, what, std::generic_category().message(error)));
}

}  // namespace

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<File> File::Open(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return ErrorAt(path, "open");
  return File(path, fd);
}

Status File::Error(const char* what) const { return ErrorAt(path_, what); }

Result<uint64_t> File::Size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return Error("look at its size");
  return static_cast<uint64_t>(status.st_size);
}

Result<size_t> File::ReadAt(uint64_t position, std::span<std::byte> into) const {
  size_t done = 0;
  while (done < into.size()) {
    const ssize_t n =
        ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(position + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error("read");
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

Status File::WriteAt(uint64_t position, ByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error("write");
    if (n == 0) {
      errno = ENOSPC;  // POSIX leaves a write of nothing open; it must not turn in a circle
      return Error("write");
    }
    bytes = bytes.subspan(static_cast<size_t>(n));
    position += static_cast<uint64_t>(n);
  }
  return Status::Ok();
}

Status File::Truncate(uint64_t size) const {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return Error("cut");
  return Status::Ok();
}

Status File::Sync(const SyncCall& sync) const {
  // Never again after a failure: the kernel reports it once, and then takes the pages for clean.
  if ((sync ? sync(fd_) : ::fsync(fd_)) != 0) return Error("sync");
  return Status::Ok();
}

Result<File> PublishFile(const std::string& directory, const std::string& name, ByteSpan bytes,
                         const SyncCall& sync) {
  const std::string path = directory + "/" + name;
  const std::string beside = path + kUnpublishedSuffix;
  {
    CONNTRAIL_ASSIGN_OR_RETURN(File file, File::Open(beside, O_RDWR | O_CREAT | O_TRUNC));
    CONNTRAIL_RETURN_IF_ERROR(file.WriteAt(0, bytes));
    CONNTRAIL_RETURN_IF_ERROR(file.Sync(sync));
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return ErrorAt(path, "make");
  CONNTRAIL_ASSIGN_OR_RETURN(File holder, File::Open(directory, O_RDONLY | O_DIRECTORY));
  CONNTRAIL_RETURN_IF_ERROR(holder.Sync(sync));
  return File::Open(path, O_RDWR);
}

}  // namespace conntrail
