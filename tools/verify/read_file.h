#pragma once

#include <string>

#include "events/base/result.h"

namespace conntrail::verify {

// The whole file. kNotFound, kIo; kCorruption: it has more than `bytes_max` bytes.
Result<std::string> ReadFile(const std::string& path, size_t bytes_max);

}  // namespace conntrail::verify
