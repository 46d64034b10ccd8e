#pragma once

#include <cstdint>

#include "events/event.h"
#include "projections/fold/outcome.h"

namespace conntrail {

// What IdempotencyWindow keeps of a request. Whoever folds has to agree on it.

// Enough of the request hash to tell requests of one key apart; 0 means that there is none.
uint32_t RequestMarkOf(const Event& event);

// True if a retry of this record should be answered with it.
bool IsRemembered(Verdict verdict, Reason reason);

}  // namespace conntrail
