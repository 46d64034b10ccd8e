#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/strong_id.h"
#include "events/base/time.h"

namespace conntrail {

// As of when a question is asked.
struct Moment {
  enum class Kind { kNow, kTime, kIndex, kSequence };

  Kind kind = Kind::kNow;
  UnixMs time_ms = 0;  // kTime: after all records with an effective time up to and with this
  OrgIndex index;      // kIndex: right after that record
  uint64_t sequence =
      0;                 // kSequence: right after the first record with this number of its producer
  std::string producer;  // kSequence: empty means the only producer of the org, or its import

  static Moment Now() { return {}; }
  static Moment At(UnixMs time_ms) { return {.kind = Kind::kTime, .time_ms = time_ms}; }
  static Moment AtIndex(OrgIndex index) { return {.kind = Kind::kIndex, .index = index}; }

  // "now", "time:2016-08-20T10:07:05Z", "index:17", "seq:2252", "seq:import:jenkins:2252".
  static Result<Moment> Parse(std::string_view text);
};

}  // namespace conntrail
