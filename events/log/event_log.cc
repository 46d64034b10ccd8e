#include "events/log/event_log.h"

namespace conntrail {

std::vector<Result<Offset>> EventLog::AppendEach(PartitionId partition,
                                                 std::span<const NewRecord> records) {
  std::vector<Result<Offset>> appended;
  appended.reserve(records.size());
  for (const NewRecord& record : records) {
    appended.push_back(Append(partition, record.key, record.payload));
  }
  return appended;
}

}  // namespace conntrail
