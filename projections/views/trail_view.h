#pragma once

#include <optional>
#include <string>
#include <vector>

#include "projections/views/org_view.h"

namespace conntrail {

// Which records are asked for. All conditions must hold; one that is absent or zero takes all.
struct TrailFilter {
  std::optional<EntityKey> subject;  // the connection, account, group, … that the record is about
  std::optional<Uuid> actor;         // the account that acted
  uint64_t types = 0;                // bits of EventType
  uint16_t verdicts = 0;             // bits of Verdict
  uint16_t marks = 0;                // of these marks, one at least
  std::optional<UnixMs> from_ms;     // effective time, inclusive
  std::optional<UnixMs> to_ms;       // effective time, inclusive

  static uint64_t Bit(EventType type) { return uint64_t{1} << static_cast<uint8_t>(type); }
  static uint16_t Bit(Verdict verdict) {
    return static_cast<uint16_t>(1u << static_cast<uint8_t>(verdict));
  }
  bool Takes(const TrailLine& line) const;
};

struct TrailQuery {
  TrailFilter filter;
  bool newest_first = true;
  size_t limit = 50;                 // 0 counts as 1
  std::string cursor;                // of the page before
  size_t scan_rows_max = 1'000'000;  // 0 counts as 1
};

struct TrailPage {
  std::vector<TrailLine> lines;
  // Where to go on; empty: there is no more. A page sequence never loses or repeats a record,
  // whatever is written meanwhile: newest first it ends at the beginning of the trail, oldest first
  // it goes on with what has come since.
  std::string next_cursor;
  // False: scan_rows_max was reached before the page was full; next_cursor goes on from there.
  bool complete = true;
};

// kInvalidArgument: the cursor is not one of this query.
Result<TrailPage> SearchTrail(const OrgView& org, const TrailQuery& query);

}  // namespace conntrail
