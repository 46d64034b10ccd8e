// The end of an outbox at which events come in.

#include <fmt/format.h>

#include "events/producer/outbox_sender.h"

namespace conntrail {

namespace {

constexpr size_t kEventsTogetherMax = 10'000;

}  // namespace

// One call that waits until its events are durable. It lives on the stack of its thread.
struct OutboxSender::Waiter {
  std::vector<Event>& events;
  Status status;
  bool is_done = false;
};

// Whoever finds nobody writing writes for all who wait.
Status OutboxSender::Record(std::vector<Event>& events) {
  if (events.empty()) return Status::Ok();
  Waiter waiter{.events = events, .status = {}};
  std::unique_lock lock(mutex_);
  if (closed_) return Status::FailedPrecondition("the outbox is closed");
  queue_.push_back(&waiter);
  written_.wait(lock, [&] { return waiter.is_done || !writing_; });
  while (!waiter.is_done) WriteWaiting(lock);
  return waiter.status;
}

void OutboxSender::WriteWaiting(std::unique_lock<std::mutex>& lock) {
  writing_ = true;
  std::vector<Waiter*> group;
  std::vector<Event*> events;
  while (!queue_.empty() && events.size() < kEventsTogetherMax) {
    group.push_back(queue_.front());
    queue_.pop_front();
    for (Event& event : group.back()->events) events.push_back(&event);
  }
  lock.unlock();
  const Status status = files_.Append(events);
  lock.lock();
  if (status.ok()) {
    recorded_all_ += events.size();
    stats_.recorded += events.size();
  }
  for (Waiter* waiter : group) {
    waiter->status = status.ok() ? status : Explained(status);
    waiter->is_done = true;
  }
  writing_ = false;
  written_.notify_all();
  if (is_idle_) wake_.notify_all();
}

// Why there is no room: because nothing is sent. REQUIRES: mutex_ is held.
Status OutboxSender::Explained(const Status& status) const {
  if (status.code() != StatusCode::kFailedPrecondition) return status;
  return Status::FailedPrecondition(
      fmt::format("{}; {} events wait for the log{}{}", status.message(), CountWaiting(),
                  stats_.last_error.empty() ? "" : ": ", stats_.last_error));
}

}  // namespace conntrail
