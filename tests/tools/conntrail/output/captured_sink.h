#pragma once

#include <optional>
#include <string>

#include <unistd.h>

#include "events/base/check.h"
#include "tools/conntrail/output/sink.h"

namespace conntrail {

// A sink into a pipe, and what was written to it. For answers below the size of a pipe (64 KiB).
class CapturedSink {
 public:
  CapturedSink() { sink_.emplace(MakePipe()); }
  ~CapturedSink() { ::close(fds_[0]); }

  Sink& sink() { return *sink_; }

  std::string Take() {
    CONNTRAIL_CHECK(sink_->Flush().ok());
    ::close(fds_[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = ::read(fds_[0], buffer, sizeof(buffer))) > 0;) text.append(buffer, n);
    return text;
  }

 private:
  int MakePipe() {
    CONNTRAIL_CHECK(::pipe(fds_) == 0);
    return fds_[1];
  }

  int fds_[2];
  std::optional<Sink> sink_;
};

}  // namespace conntrail
