#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/base/bytes.h"
#include "events/base/result.h"
#include "projections/fold/outcome.h"

// The rows of the trail and its indexes. All integers big-endian. Stored; never change.
//
//   line        := u8 1 (layout) | u8 verdict | u8 event type | u8 interface | u16 reason | u16
//   marks |
//                  u64 revision | uuid event id | u8 actor kind | uuid actor | u8 subject kind |
//                  uuid subject | u64 claimed time in ms (all ones: not claimed)
//   trail row   := line | u32 rules version | u32 slot (all ones: none) | u64 first (all ones:
//   none) |
//                  uuid idempotency key | u64 request mark | u64 append time in ms | event bytes
//   history row := line | u8 1 | entity (row_codec.h), as it was from this record on
//                | line | u8 0 | u48 time | u48 index + 1 of the last row before
//                  this one that has an entity; both zero if there is none
//   actor row   := line
namespace conntrail {

// One record of a trail in short: enough to list and to filter, without its bytes.
struct TrailLine {
  Place place;  // from the key
  Verdict verdict = Verdict::kNone;
  EventType type = EventType::kNone;
  Interface interface = Interface::kUnspecified;
  Reason reason = Reason::kNone;
  uint16_t marks = 0;
  Revision revision;
  EventId event;
  std::optional<Principal> actor;
  EntityKey subject;  // kNone: nobody's
  std::optional<UnixMs> occurred_at_ms;

  bool operator==(const TrailLine&) const = default;
};

// What a trail row holds beside the line.
struct TrailRow {
  TrailLine line;
  RulesVersion rules;
  std::optional<uint32_t> slot;
  std::optional<OrgIndex> first;
  Uuid idempotency_key;
  uint64_t request_mark = 0;  // of the request hash; 0: none
  UnixMs append_time_ms = 0;
  std::string_view event;  // exact bytes as on the log; points into the decoded row
};

struct HistoryRow {
  TrailLine line;
  std::string_view entity;       // empty: no change; points into the decoded row
  std::optional<Place> changed;  // without an entity: the row before it that has one, if any
};

inline constexpr size_t kLineBytes = 74;

void AppendLine(std::string& out, const TrailLine& line);
void AppendTrailRow(std::string& out, const TrailRow& row);
// What stands before the event bytes.
void AppendTrailHeader(std::string& out, const TrailRow& row);
void AppendHistoryRow(std::string& out, const HistoryRow& row);

// Each takes the place from the end of `key`. kCorruption if `value` is not of that layout.
Status ReadLine(std::string_view key, std::string_view value, TrailLine& line);
Status ReadTrailRow(std::string_view key, std::string_view value, TrailRow& row);
Status ReadHistoryRow(std::string_view key, std::string_view value, HistoryRow& row);

}  // namespace conntrail
