#pragma once

#include <string>
#include <string_view>

#include "events/base/result.h"
#include "events/base/strong_id.h"

namespace conntrail {

// Where a store on disk keeps the applied offset: one watermark a partition in every family,
// written in the same batch as the rows. Families that disagree have not been written together.
//
//   watermark key   := 0xFF 0xFF "!off" u16(partition)
//   watermark value := u64(next offset to be applied)
//
// Integers are big-endian. Row keys begin with u16(partition) and there is no partition 0xFFFF, so
// no row key equals a watermark or sorts behind one; kRowKeysEnd (store.h) parts them. Stored:
// never change.
std::string WatermarkKey(PartitionId partition);
std::string WatermarkValue(Offset next);

// kCorruption if `value` is no watermark value.
Result<Offset> ParseWatermark(std::string_view value);

}  // namespace conntrail
