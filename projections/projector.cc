#include "projections/projector.h"

#include <algorithm>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include "events/base/check.h"
#include "events/base/sha256.h"

namespace conntrail {
namespace {

// Between two looks at the size of the batch.
constexpr size_t kRecordsAtOnce = 1000;

size_t BytesOf(const ReadBatch& batch) {
  return std::accumulate(
      batch.records.begin(), batch.records.end(), size_t{0},
      [](size_t sum, const LogRecord& record) { return sum + record.payload.size(); });
}

}  // namespace

Projector::Projector(EventLog& log, Store& store, PartitionId partition, Options options)
    : log_(log),
      store_(store),
      partition_(partition),
      options_(options),
      folder_(std::make_unique<RecordFolder>(partition, log.log_id(), &store, options.folder)) {}

Result<std::unique_ptr<Projector>> Projector::Open(EventLog& log, Store& store,
                                                   PartitionId partition, Options options) {
  std::unique_ptr<Projector> projector(new Projector(log, store, partition, options));
  CONNTRAIL_ASSIGN_OR_RETURN(projector->next_, store.Applied(partition));
  CONNTRAIL_RETURN_IF_ERROR(projector->folder_->Load());
  CONNTRAIL_RETURN_IF_ERROR(projector->CheckAnchor());
  return projector;
}

Status Projector::CheckAnchor() {
  if (next_.value != folder_->partition().records) {
    return Status::Corruption(fmt::format(
        "the projection says that it has applied {} records, and that the next is {}; rebuild it",
        folder_->partition().records, next_.value));
  }
  if (next_.value == 0) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log_.End(partition_));
  if (end < next_) {
    return Status::FailedPrecondition(fmt::format(
        "the log of partition {} ends at record {}, but the projection has applied {}: the "
        "log has lost its tail; restore it, or rebuild the projection from what is left",
        partition_.value, end.value, next_.value));
  }
  CONNTRAIL_ASSIGN_OR_RETURN(const ReadBatch last,
                             log_.Read(partition_, Offset(next_.value - 1), 1));
  CONNTRAIL_CHECK(!last.records.empty());
  if (Sha256(last.records.front().payload) != folder_->row().anchor) {
    return Status::FailedPrecondition(fmt::format(
        "record {} of partition {} is not the one that the projection has applied: the log "
        "was replaced or rewritten; restore it, or rebuild the projection",
        next_.value - 1, partition_.value));
  }
  return Status::Ok();
}

Result<size_t> Projector::Step() {
  if (!is_folded_) CONNTRAIL_RETURN_IF_ERROR(FoldBatch());
  if (folded_.empty()) return size_t{0};
  is_folded_ = true;
  if (options_.outcomes != nullptr) CONNTRAIL_RETURN_IF_ERROR(options_.outcomes->Flush());
  is_folded_ = false;
  const Offset next(next_.value + folded_.size());
  CONNTRAIL_RETURN_IF_ERROR(store_.Write(batch_, partition_, next));
  next_ = next;
  if (listener_) listener_(folded_);
  return folded_.size();
}

Status Projector::FoldBatch() {
  batch_.Clear();
  folded_.clear();
  bool more = true;
  while (more && folded_.size() < options_.batch_records_max &&
         batch_.bytes() < options_.batch_bytes_max) {
    CONNTRAIL_ASSIGN_OR_RETURN(more, FoldPending());
  }
  if (!folded_.empty()) folder_->WriteState(batch_);
  return Status::Ok();
}

// Folds some more records into the batch. False if the batch ends here.
Result<bool> Projector::FoldPending() {
  const Offset from(next_.value + folded_.size());
  if (pending_at_ == pending_.records.size()) {
    // Near its end the log is not asked again: what has been read waits to become visible.
    if (!folded_.empty() && BytesOf(pending_) < options_.read_bytes_max / 2) return false;
    Result<ReadBatch> read = log_.Read(partition_, from, options_.read_bytes_max);
    // A log that does not answer just now does not undo what has been folded.
    const bool is_away = read.status().code() == StatusCode::kUnavailable;
    if (is_away && !folded_.empty()) return false;
    CONNTRAIL_RETURN_IF_ERROR(read.status());
    pending_ = std::move(read).value();
    pending_at_ = 0;
  }
  const auto rest = std::span(pending_.records).subspan(pending_at_);
  const size_t wanted = std::min(options_.batch_records_max - folded_.size(), kRecordsAtOnce);
  const auto records = rest.first(std::min(rest.size(), wanted));
  if (records.empty()) return false;
  CONNTRAIL_CHECK(records.front().offset == from);
  const size_t before = folded_.size();
  const Status status = folder_->FoldAll(records, batch_, folded_);
  const size_t count = folded_.size() - before;
  pending_at_ += count;
  if (options_.outcomes != nullptr) {
    options_.outcomes->Take(records.first(count), std::span(folded_).subspan(before));
  }
  // A record that this build cannot fold stops it there: what stands before it is applied first.
  if (status.code() == StatusCode::kFailedPrecondition && !folded_.empty()) return false;
  CONNTRAIL_RETURN_IF_ERROR(status);
  return true;
}

Status Projector::CatchUp(const std::function<void(Offset next, Offset end)>& progress) {
  CONNTRAIL_ASSIGN_OR_RETURN(const Offset end, log_.End(partition_));
  while (next_ < end) {
    CONNTRAIL_ASSIGN_OR_RETURN(const size_t applied, Step());
    CONNTRAIL_CHECK(applied > 0);
    if (progress) progress(next_, end);
  }
  return Status::Ok();
}

}  // namespace conntrail
