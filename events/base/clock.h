#pragma once

#include <memory>

#include "events/base/time.h"

namespace conntrail {

// The time of day, for the doors of the system (gateways, logs, tools). The fold never sees one.
//
// Thread-safety: all methods may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // May jump in either direction, as the operating system's clock does.
  virtual UnixMs Now() const = 0;

  // The operating system's clock; lives for ever.
  static const Clock& System();
};

}  // namespace conntrail
