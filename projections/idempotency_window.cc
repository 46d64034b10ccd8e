#include "projections/idempotency_window.h"

#include <utility>

#include "projections/fold/fold.h"

namespace conntrail {
namespace {

constexpr size_t kSlotsMin = 16;

}  // namespace

const IdempotencyWindow::Slot* IdempotencyWindow::Generation::Find(const Uuid& key) const {
  if (slots.empty()) return nullptr;
  const size_t mask = slots.size() - 1;
  for (size_t i = std::hash<Uuid>()(key) & mask;; i = (i + 1) & mask) {
    if (slots[i].key == key) return &slots[i];
    if (slots[i].key.is_nil()) return nullptr;
  }
}

IdempotencyWindow::Slot& IdempotencyWindow::Generation::At(const Uuid& key) {
  const size_t mask = slots.size() - 1;
  size_t i = std::hash<Uuid>()(key) & mask;
  while (slots[i].key != key && !slots[i].key.is_nil()) i = (i + 1) & mask;
  return slots[i];
}

void IdempotencyWindow::Generation::Grow() {
  std::vector<Slot> before =
      std::exchange(slots, std::vector<Slot>(slots.empty() ? kSlotsMin : slots.size() * 2));
  for (const Slot& slot : before) {
    if (!slot.key.is_nil()) At(slot.key) = slot;
  }
}

std::optional<IdempotencyWindow::Seen> IdempotencyWindow::Find(const Uuid& key) const {
  for (const Generation* generation : {&young_, &old_}) {
    const Slot* slot = key.is_nil() ? nullptr : generation->Find(key);
    if (slot != nullptr) {
      const OrgIndex index(generation->first.index.value + slot->index_delta);
      return Seen{{slot->time_ms, index}, slot->request_mark};
    }
  }
  return std::nullopt;
}

void IdempotencyWindow::Insert(const Uuid& key, const Place& place, uint32_t request_mark) {
  if (key.is_nil()) return;  // stands for a free slot; no valid event has it
  const bool full = young_.used > 0 &&
                    (place.index.value - young_.first.index.value > kIdempotencyWindowRecords ||
                     place.time_ms - young_.first.time_ms > kIdempotencyWindowMs);
  if (full) old_ = std::exchange(young_, {});
  if (young_.used == 0) young_.first = place;
  if ((young_.used + 1) * 4 > young_.slots.size() * 3) young_.Grow();
  Slot& slot = young_.At(key);
  if (slot.key.is_nil()) ++young_.used;
  const auto delta = static_cast<uint32_t>(place.index.value - young_.first.index.value);
  slot = {key, place.time_ms, delta, request_mark};
}

}  // namespace conntrail
