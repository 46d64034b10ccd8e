#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "events/event.h"
#include "events/log/event_log.h"
#include "projections/projector.h"
#include "projections/store/store.h"

namespace conntrail {

// What became of an event that was submitted.
struct Submission {
  enum class Fate {
    kDecided,     // appended, durable, decided: `record` tells how
    kTurnedAway,  // not appended: too much is waiting, or the projection lags; come back later
    kUnknown,     // it may or may not be on the log; whoever asks for the event id later learns it
  };
  Fate fate = Fate::kUnknown;
  FoldedRecord record;
  std::string detail;  // of the last two, for diagnostics
};

// An event, ready to be appended.
struct EncodedEvent {
  OrgId org;
  EventId id;
  Bytes bytes;

  static EncodedEvent Of(const Event& event);
  bool fits() const { return bytes.size() <= kRecordBytesMax; }
};

// The way from a request to the log and from the log to its decision: one thread appends what
// waits, with one sync for all of it; another one follows the log and keeps the projection in step.
//
// Thread-safety: Submit belongs to the thread of the io_context; everything else may be called from
// any thread.
class Gateway {
 public:
  struct Options {
    PartitionId partition{0};
    std::chrono::milliseconds decision_wait_max{10'000};
    std::chrono::milliseconds lag_max{2'000};
    size_t waiting_max = 50'000;  // events
    size_t waiting_bytes_max = size_t{64} << 20;
    // What the store lives in; kept as long as a snapshot is.
    std::shared_ptr<void> keeps;
  };
  // Gets the records of a batch, in their order, once they are visible. Called on the thread that
  // follows.
  using Listener = std::function<void(const std::vector<FoldedRecord>&)>;

  // All must outlive the gateway; nobody else may step the projector.
  Gateway(boost::asio::io_context& io, EventLog& log, Store& store, Projector& projector,
          Options options);
  ~Gateway();  // Stop

  PartitionId partition() const { return options_.partition; }

  // REQUIRES: before Start.
  void AddListener(Listener listener) { listeners_.push_back(std::move(listener)); }
  void Start();
  // Appends and decides what is waiting, and ends both threads. Submit turns away from then on.
  void Stop();

  // Appends `events` in their order and waits until each is decided or the wait is over.
  // REQUIRES: each fits.
  boost::asio::awaitable<std::vector<Submission>> SubmitAll(std::vector<EncodedEvent> events);
  boost::asio::awaitable<Submission> Submit(Event event);

  // Everything that is decided, as of a moment ago: after a Submit at least that.
  std::shared_ptr<const StoreSnapshot> Snapshot() const;
  // The end of the log when it was last looked at, at most a moment ago; asks the log nothing.
  Offset log_end() const { return Offset(log_end_.load(std::memory_order_acquire)); }
  Offset applied() const { return Offset(applied_.load(std::memory_order_acquire)); }

  // How far decisions are behind the log's end, in time; 0 when in step.
  std::chrono::milliseconds Lag() const;
  // Why the projection follows no more; "" while it does.
  std::string halted() const;
  bool is_halted() const { return is_halted_.load(std::memory_order_acquire); }
  size_t waiting() const;

 private:
  struct Pending;
  struct Place {
    std::shared_ptr<Pending> pending;
    size_t index = 0;
  };
  using Waiting = std::unordered_multimap<EventId, Place, std::hash<EventId>>;

  void AppendLoop();
  void FollowLoop();
  void TakeOver(std::vector<EncodedEvent>& queue);
  void NoteProgress(Offset end);
  void Publish();
  void Deliver(const std::vector<FoldedRecord>& folded);
  void GiveUpOn(const EventId& event, const std::string& detail);
  void Complete(std::vector<std::pair<Place, Submission>> done);
  void Forget(const std::vector<EventId>& events, const Pending* pending);

  boost::asio::io_context& io_;
  EventLog& log_;
  Store& store_;
  Projector& projector_;
  const Options options_;
  std::vector<Listener> listeners_;

  mutable std::mutex mutex_;
  std::condition_variable grown_;
  // Guarded by mutex_:
  std::vector<EncodedEvent> queue_;
  size_t queue_bytes_ = 0;
  Waiting waiting_;  // for the decision on an event
  bool stopping_ = false;
  std::string halted_;
  std::shared_ptr<const StoreSnapshot> snapshot_;

  std::atomic<uint64_t> applied_{0};
  std::atomic<uint64_t> log_end_{0};
  std::atomic<int64_t> behind_since_ms_{0};  // steady time; 0: in step
  Offset mark_;                              // the log's end at that time
  std::atomic<bool> appender_done_{false};
  std::atomic<bool> is_halted_{false};
  std::thread appender_;
  std::thread follower_;
};

}  // namespace conntrail
