#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "projections/views/org_view.h"

namespace conntrail::api {

// The newest records of the orgs that somebody follows, as events of a stream (Server-Sent Events,
// HTML standard, section 9.2): each is made once, however many follow, and kept for a while.
// Whoever is further behind reads from the store. Nothing is ever left out.
//
// Thread-safety: Notify may be called from any thread, everything else on the io_context's.
class TrailFeed {
 public:
  explicit TrailFeed(boost::asio::io_context& io) : io_(io) {}

  // Something more has been decided.
  void Notify();
  // No more waits: all that wait return, and each later Wait returns at once.
  void Close();
  bool closed() const { return closed_; }

  // Waits for Notify, at most `wait_max`; false: that time has passed. Wakes come together, some
  // milliseconds apart.
  boost::asio::awaitable<bool> Wait(std::chrono::milliseconds wait_max);

  // Appends the events of the records behind `after` to `out`, about `bytes_max` bytes of them, and
  // moves `after` to the last one. False: there were none.
  Result<bool> Read(const OrgView& org, std::optional<Place>& after, size_t bytes_max,
                    std::string& out);

 private:
  struct Frame {
    Place place;
    std::string text;
  };
  struct Frames {
    std::deque<Frame> newest;  // consecutive records of one org, up to the last one made
    size_t bytes = 0;
  };

  Status Extend(const OrgView& org, Frames& frames);
  void WakeAll();

  boost::asio::io_context& io_;
  std::atomic<bool> notified_{false};
  bool closed_ = false;
  bool wake_due_ = false;
  uint64_t wakes_ = 0;
  std::set<boost::asio::steady_timer*> waiting_;
  std::map<keys::OrgAddress, Frames> frames_;
};

// The event of a stream for one record: its id is the record's index, its data the audit event.
// Read from `org` the records behind `after`, oldest first, each given to `take` until it returns
// false.
Status ReadFrames(const OrgView& org, const std::optional<Place>& after, size_t rows_max,
                  const std::function<bool(const Place&, std::string)>& take);

}  // namespace conntrail::api
