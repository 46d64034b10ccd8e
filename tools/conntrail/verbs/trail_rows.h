#pragma once

#include <string>

#include "tools/conntrail/session.h"

namespace conntrail {

// Writes records of a trail, one a row: the columns are the same wherever records are listed.
class TrailRows {
 public:
  // `full` adds the whole event to each record, as its member "full".
  TrailRows(Session& session, bool full);

  // What Add needs of each record.
  TrailParts parts() const;

  // False once nobody reads any more.
  bool Add(const TrailItem& item);

  Rows& rows() { return rows_; }

 private:
  const bool full_;
  Rows rows_;
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
