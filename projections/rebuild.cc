#include "projections/rebuild.h"

#include <algorithm>
#include <span>

#include "events/base/check.h"
#include "projections/record_folder.h"
#include "projections/store/bulk_loader.h"

namespace conntrail {
namespace {

constexpr size_t kReadBytesMax = 4 << 20;

}  // namespace

Status BuildProjection(EventLog& log, PartitionId partition, const std::filesystem::path& directory,
                       const RocksDbStoreOptions& options,
                       const std::function<void(uint64_t next, uint64_t end)>& progress,
                       OutcomeSink* outcomes) {
  BulkLoaderOptions loader_options;
  loader_options.store = options;
  CONNTRAIL_ASSIGN_OR_RETURN(const auto loader, BulkLoader::Create(directory, loader_options));
  RecordFolder folder(partition, log.log_id(), nullptr, {});
  CONNTRAIL_RETURN_IF_ERROR(folder.Load());
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log.End(partition));
  Offset next;
  WriteBatch& rows = loader->rows();
  std::vector<FoldedRecord> folded;
  while (next < end) {
    CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch read, log.Read(partition, next, kReadBytesMax));
    CONNTRAIL_CHECK(!read.records.empty());
    folded.clear();
    const size_t left = end.value - next.value;
    const auto records = std::span(read.records).first(std::min(read.records.size(), left));
    CONNTRAIL_RETURN_IF_ERROR(folder.FoldAll(records, rows, folded));
    if (outcomes != nullptr) {
      outcomes->Take(records, folded);
      CONNTRAIL_RETURN_IF_ERROR(outcomes->Flush());
    }
    next = folded.back().offset.Next();
    CONNTRAIL_RETURN_IF_ERROR(loader->PutAsideIfFull());
    if (progress) progress(next.value, end.value);
  }
  if (next.value > 0) folder.WriteState(rows);
  return loader->Finish({{partition, next}});
}

}  // namespace conntrail
