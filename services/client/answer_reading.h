#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "services/client/wire.h"
#include "services/http/message.h"

namespace conntrail::client {

struct Answer {
  int status = 0;
  std::vector<http::Header> headers;  // names in lower case
  std::string body;

  // "" if there is none of that lower-case name.
  std::string_view Find(std::string_view name) const;
};

struct AnswerLimits {
  size_t body_bytes_max = 0;
  std::chrono::milliseconds wait_max{};  // for the head, and for each piece of the body
};

struct AnswerRead {
  Answer answer;
  bool keeps_open = false;  // the connection may be used again
};

// Reads one answer. `*has_begun` becomes true with its first byte, also if the rest fails.
//
// kUnavailable: the connection broke, also in the middle of a body. kCorruption: not HTTP/1.1, or
// more than limits.body_bytes_max.
Result<AnswerRead> ReadAnswer(Wire& wire, const AnswerLimits& limits, bool* has_begun);

}  // namespace conntrail::client
