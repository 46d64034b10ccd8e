#include "projections/replay/log_prefix.h"

#include <algorithm>
#include <numeric>

namespace conntrail {
namespace {

Status ReadOnly() { return Status::FailedPrecondition("this log is only read"); }

}  // namespace

Result<Offset> LogPrefix::Append(PartitionId, const OrgId&, ByteSpan) { return ReadOnly(); }

Result<Offset> LogPrefix::AppendAll(PartitionId, const OrgId&, const std::vector<ByteSpan>&) {
  return ReadOnly();
}

Result<ReadBatch> LogPrefix::Read(PartitionId partition, Offset from, size_t bytes_max) {
  if (read_bytes_max_ > 0) bytes_max = std::min(bytes_max, read_bytes_max_);
  CONNTRAIL_ASSIGN_OR_RETURN(ReadBatch batch, log_.Read(partition, from, bytes_max));
  const uint64_t left = from < end_ ? end_.value - from.value : 0;
  if (batch.records.size() > left) batch.records.resize(left);
  const uint64_t bytes = std::accumulate(
      batch.records.begin(), batch.records.end(), uint64_t{0},
      [](uint64_t sum, const LogRecord& record) { return sum + record.payload.size(); });
  if (passed_ && !passed_(batch.records.size(), bytes)) return Status::Unavailable("stopped");
  return batch;
}

}  // namespace conntrail
