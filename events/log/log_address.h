#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"

namespace conntrail {

// Where an event log is:
//
//   embedded                 in the data directory
//   kafka:BOOTSTRAP/TOPIC    BOOTSTRAP is HOST:PORT or several with commas between them; TOPIC is
//                            1 to 249 of a-z A-Z 0-9 . _ -
//
// Every program takes it in this form.
struct LogAddress {
  std::string bootstrap;  // empty: embedded
  std::string topic;

  bool is_kafka() const { return !bootstrap.empty(); }
  bool operator==(const LogAddress&) const = default;

  // As it is parsed.
  std::string ToString() const;
};

// kInvalidArgument says what is wrong with `text`.
Result<LogAddress> ParseLogAddress(std::string_view text);

}  // namespace conntrail
