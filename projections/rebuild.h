#pragma once

#include <filesystem>
#include <functional>

#include "events/log/event_log.h"
#include "projections/outcomes/outcome_sink.h"
#include "projections/store/rocksdb_store.h"

namespace conntrail {

// Makes a store in `directory`, which must not exist or be empty, from all records of one partition
// of `log`: the same rows as a Projector would have written one batch after the other, at a
// fraction of the work. All entities (not their histories) are held in memory until the end.
//
// `progress` may be null; it gets the next offset and the end, often. After a failure the directory
// is of no use. The log may grow meanwhile; the store then stands at what was the end at the
// beginning.
//
// `outcomes` may be null; it gets all records, before this returns.
Status BuildProjection(EventLog& log, PartitionId partition, const std::filesystem::path& directory,
                       const RocksDbStoreOptions& options,
                       const std::function<void(uint64_t next, uint64_t end)>& progress,
                       OutcomeSink* outcomes = nullptr);

}  // namespace conntrail
