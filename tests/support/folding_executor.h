#pragma once

#include <memory>
#include <optional>

#include "events/log/memory_log.h"
#include "projections/projector.h"
#include "projections/store/memory_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scenario.h"

namespace conntrail {

// Plays stories in Acme against a log, a projector and a store in memory.
class FoldingExecutor final : public ScenarioExecutor {
 public:
  FoldingExecutor();

  std::string Execute(const Event& event) override;
  Relation Holds(const ConnectionId& connection, const Principal& principal) override;
  void Pass(UnixMs ms) override { clock_.Pass(ms); }

 private:
  ManualClock clock_;
  MemoryLog log_;
  MemoryStore store_;
  std::unique_ptr<Projector> projector_;
  std::optional<TrailLine> last_;
};

}  // namespace conntrail
