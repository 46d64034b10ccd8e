#include "events/producer/outbox_sender.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "events/base/check.h"

namespace conntrail {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Whether the log takes nothing any more until it is opened again.
bool IsFinal(const Status& status) {
  return status.code() != StatusCode::kUnavailable && status.code() != StatusCode::kIo;
}

}  // namespace

OutboxSender::OutboxSender(OutboxFiles& files, OutboxTarget target, const OutboxOptions& options)
    : files_(files),
      target_(std::move(target)),
      options_(options),
      progress_(files.progress_at_open()),
      noted_(progress_),
      tried_(progress_.next),
      retry_wait_(options.retry_wait),
      recorded_all_(files.waiting_at_open()) {
  thread_ = std::thread([this] { Run(); });
}

OutboxSender::~OutboxSender() {
  if (thread_.joinable()) (void)Close(milliseconds(0));
}

bool OutboxSender::Flush(milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  const uint64_t goal = recorded_all_;
  return taken_.wait_for(lock, wait_max, [&] { return taken_all_ >= goal; });
}

uint64_t OutboxSender::Close(milliseconds wait_max) {
  {
    std::unique_lock lock(mutex_);
    CONNTRAIL_CHECK(!closed_);
    closed_ = true;
    // Whoever is recording is let through.
    written_.wait(lock, [&] { return !writing_ && queue_.empty(); });
    taken_.wait_for(lock, wait_max, [&] { return CountWaiting() == 0; });
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  const std::lock_guard lock(mutex_);
  return CountWaiting();
}

OutboxStats OutboxSender::stats() const {
  const std::lock_guard lock(mutex_);
  OutboxStats stats = stats_;
  stats.waiting = CountWaiting();
  if (stats.waiting == 0) stats.oldest_at_ms = 0;
  stats.disk_bytes = files_.disk_bytes();
  return stats;
}

void OutboxSender::Run() {
  while (AwaitEvents()) {
    if (LoadBatch() && Connect() && SendBatch()) {
      retry_wait_ = options_.retry_wait;
      continue;
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, retry_wait_, [&] { return stopping_; });
    retry_wait_ = std::min(retry_wait_ * 2, options_.retry_wait_max);
  }
  NoteSent();
}

// Waits until something is to be sent; false: it is the end. Notes progress meanwhile.
bool OutboxSender::AwaitEvents() {
  while (true) {
    const bool is_due = progress_ != noted_ && steady_clock::now() >= note_at_;
    if (is_due) NoteSent();
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return stopping_ || taken_all_ < recorded_all_; };
    is_idle_ = true;
    if (progress_ == noted_) {
      wake_.wait(lock, ready);
    } else {
      wake_.wait_until(lock, note_at_, ready);
    }
    is_idle_ = false;
    if (stopping_) return false;
    if (ready()) return true;
  }
}

bool OutboxSender::LoadBatch() {
  if (batch_) return true;
  auto read = files_.Read(progress_.next, options_.batch_bytes);
  if (!read.ok()) {
    NoteTrouble(read.status());
    return false;
  }
  CONNTRAIL_CHECK(!read->read.records.empty());
  const bool is_next_part = read->first.part != progress_.next.part;
  progress_.next = read->first;
  if (is_next_part) NoteSent();  // the part before is gone with that
  batch_ = std::move(read).value();
  left_.resize(batch_->read.records.size());
  for (size_t i = 0; i < left_.size(); ++i) left_[i] = i;
  const std::lock_guard lock(mutex_);
  before_batch_ = taken_all_;
  stats_.oldest_at_ms = batch_->read.records.front().append_time_ms;
  return true;
}

// An outbox belongs to one log for ever: another has not what was sent before.
bool OutboxSender::Connect() {
  if (log_ != nullptr) return true;
  auto opened = target_();
  Status status = opened.status();
  if (opened.ok()) {
    const Uuid log_id = (*opened)->log_id();
    if (!progress_.log_id.is_nil() && progress_.log_id != log_id) {
      status = Status::FailedPrecondition(fmt::format(
          "this outbox sends to the log {}, and there is the log {}; lead it back to that log, or "
          "give the other one an outbox of its own",
          progress_.log_id.ToString(), log_id.ToString()));
    } else {
      progress_.log_id = log_id;
      if (noted_.log_id != log_id && !NoteSent()) return false;
      log_ = std::move(opened).value();
    }
  }
  if (!status.ok()) NoteTrouble(status);
  const std::lock_guard lock(mutex_);
  stats_.is_connected = log_ != nullptr;
  return log_ != nullptr;
}

Result<PartitionId> OutboxSender::PartitionOf(const OrgId& org) const {
  PartitionId partition{0};
  if (options_.partition_of) {
    CONNTRAIL_ASSIGN_OR_RETURN(partition, options_.partition_of(org));
  } else if (log_->partition_count() > 1) {
    return Status::FailedPrecondition(
        fmt::format("the log has {} partitions, and nobody says in which of them the org {} lives "
                    "(OutboxOptions::partition_of)",
                    log_->partition_count(), org.ToString()));
  }
  if (partition.value < log_->partition_count()) return partition;
  return Status::FailedPrecondition(
      fmt::format("the log has {} partitions; the org {} cannot live in partition {}",
                  log_->partition_count(), org.ToString(), partition.value));
}

// Sends what is left of the batch. True: all of it is acknowledged, or what went wrong lies in the
// fate of single records, which are left.
bool OutboxSender::SendBatch() {
  std::map<PartitionId, std::vector<size_t>> by_partition;
  for (const size_t index : left_) {
    const auto partition = PartitionOf(batch_->read.records[index].key);
    if (!partition.ok()) {
      // Those before it are not kept waiting by it; those behind it are, for they may be of its
      // org.
      NoteTrouble(partition.status());
      if (by_partition.empty()) return false;
      break;
    }
    by_partition[*partition].push_back(index);
  }
  bool all_taken = true;
  for (const auto& [partition, indexes] : by_partition) {
    if (log_ == nullptr || !SendTo(partition, indexes)) all_taken = false;
  }
  progress_.next = Next();
  if (left_.empty()) batch_.reset();
  return all_taken;
}

bool OutboxSender::SendTo(PartitionId partition, const std::vector<size_t>& indexes) {
  std::vector<NewRecord> records;
  uint64_t again = 0;
  for (const size_t index : indexes) {
    const LogRecord& record = batch_->read.records[index];
    records.push_back({record.key, record.payload});
    if (OutboxPlace{batch_->first.part, record.offset} < tried_) ++again;
  }
  const OutboxPlace behind{batch_->first.part, batch_->read.records[indexes.back()].offset.Next()};
  tried_ = std::max(tried_, behind);
  {
    const std::lock_guard lock(mutex_);
    stats_.sent_again += again;
  }
  const std::vector<Result<Offset>> appended = log_->AppendEach(partition, records);
  std::vector<size_t> taken;
  Status trouble;
  for (size_t i = 0; i < appended.size(); ++i) {
    if (appended[i].ok()) taken.push_back(indexes[i]);
    if (!appended[i].ok() && trouble.ok()) trouble = appended[i].status();
  }
  NoteTaken(taken);
  if (trouble.ok()) return true;
  NoteTrouble(trouble);
  if (IsFinal(trouble)) {
    log_.reset();
    const std::lock_guard lock(mutex_);
    stats_.is_connected = false;
  }
  return false;
}

void OutboxSender::NoteTaken(const std::vector<size_t>& indexes) {
  std::vector<size_t> left;
  std::set_difference(left_.begin(), left_.end(), indexes.begin(), indexes.end(),
                      std::back_inserter(left));
  left_ = std::move(left);
  if (progress_ == noted_) note_at_ = steady_clock::now() + options_.progress_every;
  {
    const std::lock_guard lock(mutex_);
    taken_all_ = before_batch_ + (left_.empty() ? batch_->read.records.size() : left_.front());
    stats_.sent += indexes.size();
    if (!indexes.empty()) stats_.last_error.clear();
    if (!left_.empty()) {
      stats_.oldest_at_ms = batch_->read.records[left_.front()].append_time_ms;
    }
  }
  taken_.notify_all();
}

// The first place that is not acknowledged.
OutboxPlace OutboxSender::Next() const {
  if (!batch_) return progress_.next;
  if (left_.empty()) return batch_->after;
  return {batch_->first.part, batch_->read.records[left_.front()].offset};
}

bool OutboxSender::NoteSent() {
  if (progress_ == noted_) return true;
  note_at_ = steady_clock::now() + options_.progress_every;
  const Status status = files_.NoteSent(progress_);
  if (!status.ok()) {
    NoteTrouble(status);
    return false;
  }
  noted_ = progress_;
  return true;
}

void OutboxSender::NoteTrouble(const Status& status) {
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    is_news = stats_.last_error != status.message();
    stats_.last_error = status.message();
  }
  if (is_news) options_.diagnostics("the outbox waits: " + status.message());
}

}  // namespace conntrail
