#pragma once

#include <optional>
#include <string>

#include "events/base/result.h"

namespace conntrail {

// Why the embedded log in a directory must not be used. The file `closed` beside its segments:
//
//   closed := "conntrail closed log 1" LF why LF place LF
//   why    := "moved" | "unfinished"
//
// Two logs with one id must never both be written. Whoever removes the file says that this is the
// one that goes on.
struct ClosedMark {
  enum class Why {
    kMoved,       // it goes on at `place`
    kUnfinished,  // a copy of the log at `place` that is not whole yet
  };
  Why why = Why::kMoved;
  std::string place;  // "kafka:HOST:PORT/TOPIC", or a directory

  bool operator==(const ClosedMark&) const = default;
};

// nullopt: there is none. kCorruption: the file is not one of these.
Result<std::optional<ClosedMark>> ReadClosedMark(const std::string& directory);

// Durable when it returns; one that is there is replaced.
Status WriteClosedMark(const std::string& directory, const ClosedMark& mark);

// Ok also if there is none.
Status RemoveClosedMark(const std::string& directory);

// kFailedPrecondition: what is with the log in `directory`, and what to do.
Status RefusalOf(const std::string& directory, const ClosedMark& mark);

}  // namespace conntrail
