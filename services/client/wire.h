#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "events/base/result.h"
#include "services/client/server_url.h"

namespace conntrail::client {

using Deadline = std::chrono::steady_clock::time_point;

// One open connection to a server. Each call waits until `deadline` at most. After an error it is
// of no more use. One thread's.
//
// Errors are kUnavailable and say what happened, without the URL: the caller knows it. A
// certificate that does not hold is kFailedPrecondition: to try again does not help.
class Wire {
 public:
  virtual ~Wire() = default;

  virtual Status Write(std::string_view bytes, Deadline deadline) = 0;
  // At least one byte; 0: the other end has ended.
  virtual Result<size_t> Read(std::span<char> space, Deadline deadline) = 0;
};

struct WireOptions {
  ServerUrl url;
  std::string ca_file;  // PEM; "": the certificates that the system trusts
};

// Connects, and for https:// verifies the server's certificate and its name.
Result<std::unique_ptr<Wire>> OpenWire(const WireOptions& options, Deadline deadline);

}  // namespace conntrail::client
