#pragma once

#include <string>
#include <string_view>

#include "events/base/status.h"

namespace conntrail {

// A file descriptor to write answers to, with a buffer. After a failure nothing is written any
// more; whoever writes much looks at open() and stops. Not thread-safe.
class Sink {
 public:
  explicit Sink(int fd) : fd_(fd) {}
  ~Sink() { (void)Flush(); }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void Write(std::string_view text);

  // False once the reader has gone or a write has failed.
  bool open() const { return open_; }

  // Ok also if the reader has gone: that is its right. kIo: disk full and the like.
  Status Flush();

 private:
  int fd_;
  bool open_ = true;
  std::string buffer_;
  Status status_;
};

}  // namespace conntrail
