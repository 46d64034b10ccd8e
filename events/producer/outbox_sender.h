#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "events/producer/outbox_files.h"

// Private to this folder.
namespace conntrail {

// The two ends of an outbox: callers that record, the first of whom writes for all that wait, and
// the thread that sends what was recorded to the log.
//
// Thread-safety: all methods but Close and the destructor may be called from any thread.
class OutboxSender {
 public:
  // `files` and `options` must outlive this.
  OutboxSender(OutboxFiles& files, OutboxTarget target, const OutboxOptions& options);
  ~OutboxSender();  // as Close(0)

  // As Outbox::RecordAll, of prepared events; they have their numbers afterwards.
  Status Record(std::vector<Event>& events);
  bool Flush(std::chrono::milliseconds wait_max);
  uint64_t Close(std::chrono::milliseconds wait_max);
  OutboxStats stats() const;

 private:
  struct Waiter;

  void WriteWaiting(std::unique_lock<std::mutex>& lock);
  Status Explained(const Status& status) const;
  uint64_t CountWaiting() const { return recorded_all_ - std::min(taken_all_, recorded_all_); }

  void Run();
  bool AwaitEvents();
  bool Connect();
  bool LoadBatch();
  bool SendBatch();
  bool SendTo(PartitionId partition, const std::vector<size_t>& indexes);
  bool NoteSent();
  void NoteTaken(const std::vector<size_t>& indexes);
  void NoteTrouble(const Status& status);
  Result<PartitionId> PartitionOf(const OrgId& org) const;
  OutboxPlace Next() const;

  OutboxFiles& files_;
  const OutboxTarget target_;
  const OutboxOptions& options_;

  // The thread's own:
  std::unique_ptr<EventLog> log_;
  OutboxProgress progress_;  // all before progress_.next is acknowledged
  OutboxProgress noted_;     // what the directory says
  std::chrono::steady_clock::time_point note_at_;
  std::optional<OutboxBatch> batch_;
  uint64_t before_batch_ = 0;  // what taken_all_ was when it was loaded
  std::vector<size_t> left_;   // of batch_, not yet acknowledged; ascending
  OutboxPlace tried_;          // all before it has been handed to the log
  std::chrono::milliseconds retry_wait_;

  mutable std::mutex mutex_;
  std::condition_variable written_;  // somebody's events are, or nobody writes
  std::condition_variable wake_;     // there is something to send, or the end
  std::condition_variable taken_;    // the log has acknowledged some
  // Guarded by mutex_:
  std::deque<Waiter*> queue_;
  bool writing_ = false;
  bool is_idle_ = false;  // the thread waits for events, and wants to be woken for them
  bool closed_ = false;
  bool stopping_ = false;
  uint64_t recorded_all_ = 0;  // with those that waited at the start
  uint64_t taken_all_ = 0;     // of these, from the first on, acknowledged; may be ahead of
                               // recorded_all_ for a moment, until their writer is back
  OutboxStats stats_;

  std::thread thread_;
};

}  // namespace conntrail
