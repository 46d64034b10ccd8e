#pragma once

#include <map>
#include <string>

#include "projections/views/trail_view.h"
#include "tools/conntrail/session.h"

namespace conntrail {

// Writes records of a trail, one a row: the columns are the same wherever records are listed.
class TrailRows {
 public:
  // `full` adds the whole event to each record, as its member "full". `org` must outlive this.
  TrailRows(Session& session, const OrgView& org, bool full);

  // False once nobody reads any more.
  Result<bool> Add(const TrailLine& line);

  Rows& rows() { return rows_; }

 private:
  Result<std::string> NameOf(const EntityKey& subject);

  const OrgView& org_;
  const bool full_;
  Rows rows_;
  std::map<EntityKey, std::string> names_;
};

// "<name>":{…} for the event in these bytes, or for bytes that are no event the members "fault",
// "place" and "hex".
std::string EventMembers(std::string_view name, ByteSpan event);

// The shade of a verdict: refusals stand out.
Shade ShadeOf(Verdict verdict);

std::string SubjectText(const EntityKey& subject);
std::string MarksText(uint16_t marks);
std::string WhoText(const std::optional<Principal>& who);

}  // namespace conntrail
