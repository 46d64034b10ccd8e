#include "projections/views/trail_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "projections/views/cursor.h"
#include "projections/views/trail_walk.h"

namespace conntrail {
namespace {

// What must stay the same from page to page.
std::string Canonical(const OrgView& org, const TrailQuery& query) {
  const TrailFilter& f = query.filter;
  return fmt::format(
      "trail {} {} {} {} {} {} {} {} {}", org.state().id.ToString(),
      f.subject ? fmt::format("{}:{}", static_cast<int>(f.subject->kind), f.subject->id.ToString())
                : "",
      f.actor ? f.actor->ToString() : "", f.types, f.verdicts, f.marks, f.from_ms.value_or(-1),
      f.to_ms.value_or(-1), query.newest_first);
}

}  // namespace

bool TrailFilter::Takes(const TrailLine& line) const {
  if (subject && (line.subject.kind != subject->kind || line.subject.id != subject->id))
    return false;
  if (actor && (!line.actor || line.actor->id != *actor)) return false;
  if (types != 0 && (types & Bit(line.type)) == 0) return false;
  if (verdicts != 0 && (verdicts & Bit(line.verdict)) == 0) return false;
  if (marks != 0 && (marks & line.marks) == 0) return false;
  if (from_ms && line.place.time_ms < *from_ms) return false;
  return !to_ms || line.place.time_ms <= *to_ms;
}

Result<TrailPage> SearchTrail(const OrgView& org, const TrailQuery& query) {
  const uint32_t mark = QueryMark(Canonical(org, query));
  TrailWalk walk{.filter = query.filter,
                 .newest_first = query.newest_first,
                 .after = std::nullopt,
                 .scan_rows_max = query.scan_rows_max};
  if (!query.cursor.empty()) {
    CONNTRAIL_ASSIGN_OR_RETURN(const Cursor cursor, DecodeCursor(query.cursor, mark));
    walk.after = cursor.place;
  }
  TrailPage page;
  const size_t limit = std::max<size_t>(query.limit, 1);
  const auto take = [&](const WalkedRecord& record) -> Result<bool> {
    if (page.lines.size() == limit) return false;
    page.lines.push_back(record.line);
    return true;
  };
  CONNTRAIL_ASSIGN_OR_RETURN(const WalkStop stop, WalkTrail(org, walk, take));
  page.complete = stop.end != WalkEnd::kScanned;
  if (stop.end == WalkEnd::kStopped) {
    // There is more; the page ends with the last line that is on it.
    page.next_cursor = EncodeCursor({page.lines.back().place, {}}, mark);
  } else if (stop.end == WalkEnd::kScanned) {
    page.next_cursor = EncodeCursor({stop.last.value_or(Place{}), {}}, mark);
  }
  return page;
}

}  // namespace conntrail
