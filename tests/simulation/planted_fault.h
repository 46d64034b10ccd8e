#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "tests/support/faulty_log.h"

namespace conntrail {

// Bugs that the simulation must find, made on purpose in its own layer, never in the product.
enum class PlantedFault {
  kNone,
  kSkipRecord,        // the projector never sees one of the records
  kApplyTwice,        // the projector sees one of the records a second time
  kAcknowledgeEarly,  // the log acknowledges what is not durable yet
};
std::optional<PlantedFault> ParsePlantedFault(std::string_view name);

// `log` as the gateways see it. It must outlive the result.
std::unique_ptr<EventLog> LogOfGateways(FaultyLog& log, PlantedFault fault);

// `log` as the projector sees it; `at` is the record that a fault concerns.
std::unique_ptr<EventLog> LogOfProjector(EventLog& log, PlantedFault fault, Offset at);

}  // namespace conntrail
