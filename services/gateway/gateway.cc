#include "services/gateway/gateway.h"

#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "events/base/check.h"
#include "events/event_codec.h"

namespace conntrail {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kFollowWait{50};  // how late the end may be noticed

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Submission Undecided(Submission::Fate fate, std::string detail) {
  Submission submission;
  submission.fate = fate;
  submission.detail = std::move(detail);
  return submission;
}

}  // namespace

EncodedEvent EncodedEvent::Of(const Event& event) {
  return {event.org, event.id, EncodeEvent(event)};
}

// One SubmitAll that waits. Everything in it belongs to the io_context's thread.
struct Gateway::Pending {
  Pending(asio::io_context& io, size_t count) : timer(io), results(count), left(count) {}

  asio::steady_timer timer;
  std::vector<std::optional<Submission>> results;
  size_t left;
};

Gateway::Gateway(asio::io_context& io, EventLog& log, Store& store, Projector& projector,
                 Options options)
    : io_(io), log_(log), store_(store), projector_(projector), options_(options) {
  applied_ = projector_.next().value;
  log_end_ = applied_.load();
  Publish();
}

Gateway::~Gateway() { Stop(); }

void Gateway::Start() {
  CONNTRAIL_CHECK(!follower_.joinable());
  projector_.set_listener([this](const std::vector<FoldedRecord>& folded) {
    Publish();
    applied_.store(folded.back().offset.Next().value, std::memory_order_release);
    for (const Listener& listener : listeners_) listener(folded);
    Deliver(folded);
  });
  appender_ = std::thread([this] { AppendLoop(); });
  follower_ = std::thread([this] { FollowLoop(); });
}

void Gateway::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  grown_.notify_all();
  if (appender_.joinable()) appender_.join();
  appender_done_ = true;
  if (follower_.joinable()) follower_.join();
}

asio::awaitable<Submission> Gateway::Submit(Event event) {
  std::vector<EncodedEvent> events;
  events.push_back(EncodedEvent::Of(event));
  std::vector<Submission> submissions = co_await SubmitAll(std::move(events));
  co_return std::move(submissions.front());
}

asio::awaitable<std::vector<Submission>> Gateway::SubmitAll(std::vector<EncodedEvent> events) {
  std::vector<Submission> submissions;
  if (events.empty()) co_return submissions;
  std::vector<EventId> ids;
  size_t bytes = 0;
  for (const EncodedEvent& event : events) {
    CONNTRAIL_CHECK(event.fits());
    ids.push_back(event.id);
    bytes += event.bytes.size();
  }
  const auto pending = std::make_shared<Pending>(io_, events.size());
  std::string turned_away;
  const auto lag = Lag();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      turned_away = "the server is going down";
    } else if (!halted_.empty()) {
      turned_away = "the projection has halted: " + halted_;
    } else if (waiting_.size() + events.size() > options_.waiting_max ||
               queue_bytes_ + bytes > options_.waiting_bytes_max) {
      turned_away = "too many events are waiting";
    } else if (lag > options_.lag_max) {
      turned_away = "the projection lags behind the log";
    } else {
      for (size_t i = 0; i < events.size(); ++i) {
        waiting_.emplace(ids[i], Place{pending, i});
        queue_.push_back(std::move(events[i]));
      }
      queue_bytes_ += bytes;
    }
  }
  if (!turned_away.empty()) {
    submissions.assign(ids.size(), Undecided(Submission::Fate::kTurnedAway, turned_away));
    co_return submissions;
  }
  grown_.notify_one();

  // Whatever completes it runs on this thread, so it cannot have been done before the wait begins.
  pending->timer.expires_after(options_.decision_wait_max);
  boost::system::error_code ignored;
  co_await pending->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (pending->left > 0) Forget(ids, pending.get());
  for (std::optional<Submission>& result : pending->results) {
    submissions.push_back(result ? std::move(*result)
                                 : Undecided(Submission::Fate::kUnknown,
                                             "not decided within the time there is for it"));
  }
  co_return submissions;
}

void Gateway::Forget(const std::vector<EventId>& events, const Pending* pending) {
  const std::lock_guard lock(mutex_);
  for (const EventId& event : events) {
    const auto [begin, end] = waiting_.equal_range(event);
    for (auto it = begin; it != end;) {
      it = it->second.pending.get() == pending ? waiting_.erase(it) : std::next(it);
    }
  }
}

// Waits for something to append. Empty: stopping, and nothing is left.
void Gateway::TakeOver(std::vector<EncodedEvent>& queue) {
  queue.clear();
  std::unique_lock lock(mutex_);
  grown_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  std::swap(queue, queue_);
  queue_bytes_ = 0;
}

void Gateway::AppendLoop() {
  std::vector<EncodedEvent> queue;
  std::vector<NewRecord> records;
  while (true) {
    TakeOver(queue);
    if (queue.empty()) return;
    records.clear();
    for (const EncodedEvent& event : queue) records.push_back({event.org, event.bytes});
    const auto appended = log_.AppendEach(options_.partition, records);
    for (size_t i = 0; i < appended.size(); ++i) {
      // Whatever the failure, the record may be on the log, or come to light after a restart.
      if (!appended[i].ok()) GiveUpOn(queue[i].id, appended[i].status().message());
    }
  }
}

void Gateway::FollowLoop() {
  while (true) {
    const bool last_round = appender_done_;
    const bool grown = log_.WaitFor(options_.partition, projector_.next(),
                                    last_round ? std::chrono::milliseconds(0) : kFollowWait);
    if (!grown) {
      behind_since_ms_ = 0;
      if (last_round) return;
      continue;
    }
    const Result<Offset> end = log_.End(options_.partition);
    if (end.ok()) NoteProgress(*end);
    const Result<size_t> applied = projector_.Step();
    if (applied.ok()) {
      const Result<Offset> now = log_.End(options_.partition);
      if (now.ok()) log_end_.store(now->value, std::memory_order_release);
      if (now.ok() && *now == projector_.next()) behind_since_ms_ = 0;
      continue;
    }
    // The log is away for now, or the topic of outcomes, and will be asked again.
    if (applied.status().code() == StatusCode::kUnavailable) {
      if (last_round) return;
      continue;
    }
    const std::lock_guard lock(mutex_);
    halted_ = applied.status().ToString();
    is_halted_ = true;
    return;
  }
}

// Lag is the age of the oldest end of the log that has been seen and not been reached.
void Gateway::NoteProgress(Offset end) {
  log_end_.store(end.value, std::memory_order_release);
  if (behind_since_ms_ != 0 && projector_.next() < mark_) return;
  mark_ = end;
  behind_since_ms_ = SteadyMs();
}

std::chrono::milliseconds Gateway::Lag() const {
  const int64_t since = behind_since_ms_;
  return std::chrono::milliseconds(since == 0 ? 0 : SteadyMs() - since);
}

void Gateway::Publish() {
  std::shared_ptr<const StoreSnapshot> snapshot(
      store_.NewSnapshot().release(),
      [keeps = options_.keeps](const StoreSnapshot* done) { delete done; });
  const std::lock_guard lock(mutex_);
  std::swap(snapshot_, snapshot);
}

std::shared_ptr<const StoreSnapshot> Gateway::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::string Gateway::halted() const {
  const std::lock_guard lock(mutex_);
  return halted_;
}

size_t Gateway::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Gateway::Deliver(const std::vector<FoldedRecord>& folded) {
  std::vector<std::pair<Place, Submission>> done;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    for (const FoldedRecord& record : folded) {
      const auto [begin, end] = waiting_.equal_range(record.line.event);
      for (auto it = begin; it != end; ++it) {
        Submission submission;
        submission.fate = Submission::Fate::kDecided;
        submission.record = record;
        done.emplace_back(std::move(it->second), std::move(submission));
      }
      waiting_.erase(begin, end);
    }
  }
  Complete(std::move(done));
}

void Gateway::GiveUpOn(const EventId& event, const std::string& detail) {
  std::vector<std::pair<Place, Submission>> done;
  {
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = waiting_.equal_range(event);
    for (auto it = begin; it != end; ++it) {
      done.emplace_back(std::move(it->second), Undecided(Submission::Fate::kUnknown, detail));
    }
    waiting_.erase(begin, end);
  }
  Complete(std::move(done));
}

void Gateway::Complete(std::vector<std::pair<Place, Submission>> done) {
  if (done.empty()) return;
  asio::post(io_, [done = std::move(done)]() mutable {
    for (auto& [place, submission] : done) {
      Pending& pending = *place.pending;
      pending.results[place.index] = std::move(submission);
      if (--pending.left == 0) pending.timer.cancel();
    }
  });
}

}  // namespace conntrail
