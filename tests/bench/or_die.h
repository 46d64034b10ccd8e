#pragma once

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "events/base/result.h"

namespace conntrail::bench {

// A benchmark has nobody to hand a failure to: it says it under its name and ends with 1.
[[noreturn]] inline void Fail(const Status& status) {
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, status.ToString());
  std::exit(1);
}

template <typename T>
T OrDie(Result<T> result) {
  if (!result.ok()) Fail(result.status());
  return std::move(result).value();
}

}  // namespace conntrail::bench
