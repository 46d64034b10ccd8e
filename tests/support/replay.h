#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "projections/record_folder.h"

namespace conntrail {

// Every record of partition 0 and what it changed, one after the other, as the fold gives it. What
// a view answers can be worked out from this by looking at everything: no keys, no history rows, no
// blocks.
class Replay {
 public:
  struct Record {
    FoldedRecord folded;
    std::vector<std::pair<EntityKey, Entity>> changed;
    Bytes payload;
    UnixMs append_time_ms = 0;

    const TrailLine& line() const { return folded.line; }
    // The entity that the record left its subject as, if it changed it.
    const Entity* subject() const;
  };
  using Trail = std::vector<Record>;
  // Entities with revisions, as they are at some moment.
  using State = std::map<std::pair<EntityKind, Uuid>, Entity>;

  explicit Replay(EventLog& log);

  void CatchUp();

  // By slot; the first is the system org's.
  const std::vector<OrgId>& orgs() const { return orgs_; }
  const Trail& trail(const OrgId& org) { return trails_[org]; }

  // What is true after the first `records` of `trail`.
  static State StateAfter(const Trail& trail, size_t records);
  static void Apply(const Record& record, State& state);
  // How many records at the beginning of `trail` have an effective time up to `time_ms`.
  static size_t CountUpTo(const Trail& trail, UnixMs time_ms);

 private:
  EventLog& log_;
  RecordFolder folder_;
  Offset next_;
  std::vector<OrgId> orgs_ = {OrgId{}};
  std::map<OrgId, Trail> trails_;
};

}  // namespace conntrail
