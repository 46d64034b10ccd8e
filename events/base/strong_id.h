#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace conntrail {

// An integer of one meaning: an Offset cannot be passed where an OrgIndex is asked for.
template <typename Tag, typename Rep = uint64_t>
struct StrongId {
  Rep value = 0;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  constexpr StrongId Next() const { return StrongId(value + 1); }
  constexpr auto operator<=>(const StrongId&) const = default;
};

// Position of a record in its partition of the event log; starts at 0, grows by 1.
using Offset = StrongId<struct OffsetTag, uint64_t>;
// A partition of the event log; the embedded log has only partition 0.
using PartitionId = StrongId<struct PartitionIdTag, uint16_t>;
// Number of an org inside its partition, in order of its OrgOpened record; 0 is the system org.
using OrgSlot = StrongId<struct OrgSlotTag, uint32_t>;
// Position of a record in the trail of its org; dense, starts at 0.
using OrgIndex = StrongId<struct OrgIndexTag, uint64_t>;
// Number of changes applied to an entity; 1 after its creation, 0 while it never existed.
using Revision = StrongId<struct RevisionTag, uint64_t>;
// Version of the rules of the fold.
using RulesVersion = StrongId<struct RulesVersionTag, uint32_t>;

}  // namespace conntrail

template <typename Tag, typename Rep>
struct std::hash<conntrail::StrongId<Tag, Rep>> {
  size_t operator()(const conntrail::StrongId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>()(id.value);
  }
};
