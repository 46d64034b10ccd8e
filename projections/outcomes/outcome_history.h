#pragma once

#include <functional>

#include "projections/outcomes/outcome_sink.h"
#include "projections/store/store.h"

namespace conntrail {

// Gives `outcomes` what `snapshot` knows of every record of a partition: the same as it got, or
// would have got, when they were folded. One org after the other, each from its first record on.
// `progress` may be null; it gets how many of all are flushed.
//
// After a failure a part of them was taken; it may be repeated.
Status TellHistory(const StoreSnapshot& snapshot, PartitionId partition, OutcomeSink& outcomes,
                   const std::function<void(uint64_t next, uint64_t end)>& progress);

}  // namespace conntrail
