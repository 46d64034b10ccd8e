#pragma once

#include <map>
#include <optional>
#include <vector>

#include "events/event_codec.h"
#include "events/log/event_log.h"
#include "projections/record_folder.h"

namespace conntrail {

// A gateway of the simulation: sends one event after the other, each until the log acknowledges it,
// and remembers what it was told.
class Gateway {
 public:
  struct Acknowledged {
    EventId event;
    Offset offset;
    Bytes payload;
  };
  struct Answer {
    EventId event;
    OrgId org;
    TrailLine line;
    std::optional<OrgIndex> first;
  };

  // Begins to send `event`. REQUIRES: !is_sending().
  void Send(const Event& event);
  bool is_sending() const { return sending_.has_value(); }

  // One attempt to append what is being sent; false if its fate is not known.
  bool Try(EventLog& log);

  // The projection has applied `record`.
  void Hear(const FoldedRecord& record);

  const std::vector<Acknowledged>& acknowledged() const { return acknowledged_; }
  const std::vector<Answer>& answers() const { return answers_; }
  uint64_t retries() const { return retries_; }

 private:
  struct Sending {
    Event event;
    Bytes payload;
  };
  std::optional<Sending> sending_;
  std::map<Offset, EventId> waiting_;  // acknowledged, not answered yet
  std::vector<Acknowledged> acknowledged_;
  std::vector<Answer> answers_;
  uint64_t retries_ = 0;
};

}  // namespace conntrail
