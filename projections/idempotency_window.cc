#include "projections/idempotency_window.h"

#include <utility>

#include "projections/fold/fold.h"

namespace conntrail {

std::optional<IdempotencyWindow::Seen> IdempotencyWindow::Find(const Uuid& key) const {
  for (const Generation* generation : {&young_, &old_}) {
    const auto found = generation->requests.find(key);
    if (found == generation->requests.end()) continue;
    const Request& request = found->second;
    const OrgIndex index(generation->first.index.value + request.index_delta);
    return Seen{{request.time_ms, index}, request.request_mark};
  }
  return std::nullopt;
}

void IdempotencyWindow::Insert(const Uuid& key, const Place& place, uint32_t request_mark) {
  const bool full = !young_.requests.empty() &&
                    (place.index.value - young_.first.index.value > kIdempotencyWindowRecords ||
                     place.time_ms - young_.first.time_ms > kIdempotencyWindowMs);
  if (full) old_ = std::exchange(young_, Generation());
  if (young_.requests.empty()) young_.first = place;
  const auto delta = static_cast<uint32_t>(place.index.value - young_.first.index.value);
  young_.requests[key] = {place.time_ms, delta, request_mark};
}

}  // namespace conntrail
