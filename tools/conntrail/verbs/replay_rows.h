#pragma once

#include <string>

#include "projections/replay/state_diff.h"
#include "projections/replay/trail_compare.h"
#include "tools/conntrail/session.h"

namespace conntrail {

// Writes differences, one a row: the columns are those of both forms of `replay diff`. `spans` says
// for a deed's span where it was found ("A", "B"); empty: that says nothing.
class DifferenceRows {
 public:
  DifferenceRows(Session& session, std::vector<std::string> spans);

  // False once nobody reads any more.
  bool Add(const EntityDifference& difference);
  bool Add(const AccessDifference& difference);
  bool AddTrail(const std::string& org, const TrailComparison& comparison);
  bool AddOrg(const std::string& org, const std::string& only_in);

  // The end of the answer, and the numbers of what was told.
  void Finish();

  bool is_empty() const { return entities_ + gained_ + lost_ + other_access_ + others_ == 0; }

 private:
  void WriteDeed(JsonWriter& out, const std::optional<Deed>& deed) const;
  std::string DeedText(const std::optional<Deed>& deed) const;

  Session& session_;
  const std::vector<std::string> spans_;
  Rows rows_;
  uint64_t entities_ = 0;
  uint64_t gained_ = 0;
  uint64_t lost_ = 0;
  uint64_t other_access_ = 0;
  uint64_t others_ = 0;
};

}  // namespace conntrail
