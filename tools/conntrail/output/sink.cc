#include "tools/conntrail/output/sink.h"

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace conntrail {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

}  // namespace

void Sink::Write(std::string_view text) {
  if (!open_) return;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) (void)Flush();
}

Status Sink::Flush() {
  std::string_view rest = buffer_;
  while (open_ && !rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      open_ = false;
      if (errno == EPIPE) break;
      status_ = Status::Io("the answer could not be written: standard output: " +
                           std::error_code(errno, std::generic_category()).message());
    }
  }
  buffer_.clear();
  return status_;
}

}  // namespace conntrail
