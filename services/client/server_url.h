#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/base/result.h"

namespace conntrail::client {

// Where a server is: "https://audit.example.com", "http://127.0.0.1:8411",
// "http://[::1]:8411/base".
struct ServerUrl {
  bool tls = false;
  std::string host;  // a name or an address, without brackets
  uint16_t port = 0;
  std::string base;  // of all paths: "" or "/base", without a slash at its end

  // kInvalidArgument: not of that form, or with a user, a query or a fragment in it.
  static Result<ServerUrl> Parse(std::string_view text);

  // As it was written, with the port only where it is not the scheme's own.
  std::string ToString() const;
  // For the Host header.
  std::string Authority() const;
  // True if nothing that is sent to it leaves this machine.
  bool is_loopback() const;

  bool operator==(const ServerUrl&) const = default;
};

// `text` as one value in a query or one segment of a path.
std::string PercentEncoded(std::string_view text);

}  // namespace conntrail::client
