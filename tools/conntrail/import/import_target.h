#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "projections/store/trail_row.h"

namespace conntrail {

// What became of one event that was handed over.
struct ImportOutcome {
  enum class Fate {
    kRecorded,  // `line` is its record
    kLost,      // it is on the log, but the answer that told its outcome was not got
    kRefused,   // it is not on the log, and would never be taken: `why`
  };
  Fate fate = Fate::kRecorded;
  TrailLine line;
  std::string why;
};

// Where an import puts its events: a data directory, or a server. One thread's.
class ImportTarget {
 public:
  struct Org {
    OrgId id;
    std::string name;
    bool is_open = false;  // false: it is opened with the first event
  };

  virtual ~ImportTarget() = default;

  // The org of that name or id; with all that has been appended before applied.
  virtual Result<Org> FindOrg(const std::string& name_or_id) = 0;
  // Of that org, as of now.
  virtual Result<std::vector<Producer>> Producers() = 0;
  // The event that has this number of that producer; nullopt: none has. As of FindOrg.
  virtual Result<std::optional<EventId>> EventNumbered(const std::string& producer,
                                                       uint64_t sequence) = 0;
  // Appends and applies them, in this order; an outcome for each. On an error none of them, or the
  // first ones, are on the log.
  virtual Result<std::vector<ImportOutcome>> Append(std::span<const Event> events) = 0;
};

}  // namespace conntrail
