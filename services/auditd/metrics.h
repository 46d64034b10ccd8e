#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/base/strong_id.h"
#include "projections/log_findings.h"
#include "services/http/server.h"

namespace conntrail {

// What the server counts, for GET /metrics (Prometheus text format 0.0.4).
//
// Thread-safety: all methods may be called from any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void Observe(const http::Exchange& exchange);
  void CountDecision(std::string_view verdict, std::string_view event_type);

  struct Outcomes {
    uint64_t published = 0;
    int64_t waiting_ms = 0;  // of a batch, for the topic
  };
  struct PartitionLevels {
    PartitionId partition;
    uint64_t waiting = 0;  // submissions
    uint64_t applied_offset = 0;
    uint64_t log_end = 0;
    int64_t lag_ms = 0;
    bool halted = false;
  };
  struct Levels {
    uint64_t connections = 0;
    std::vector<LogFinding> findings;         // about the log
    std::vector<PartitionLevels> partitions;  // that are projected here
    std::optional<Outcomes> outcomes;         // if they are published
  };
  // All figures, with these levels of now.
  std::string Text(const Levels& levels);

 private:
  struct Figures;
  std::unique_ptr<Figures> figures_;
};

}  // namespace conntrail
