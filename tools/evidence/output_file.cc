#include "tools/evidence/output_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace conntrail::evidence {
namespace {

Status Fault(const std::string& path) {
  return Status::Io("cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), bytes_(other.bytes_) {}

Status OutputFile::Write(std::string_view bytes) {
  if (fd_ < 0) return Fault(path_);
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Fault(path_);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return Status::Ok();
}

Status OutputFile::Sync() { return fd_ >= 0 && ::fsync(fd_) == 0 ? Status::Ok() : Fault(path_); }

}  // namespace conntrail::evidence
