#pragma once

#include <chrono>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "services/http/server.h"

namespace conntrail::http {

// Waits until `holds`, at most 10 s, and tells whether it does.
template <typename Condition>
bool Eventually(Condition holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return holds();
}

// A door at which handlers wait until it is opened; on the server's thread.
class Door {
 public:
  explicit Door(boost::asio::io_context& io) : io_(io) {}

  boost::asio::awaitable<void> Wait() {
    struct Place {
      explicit Place(Door& the_door)
          : door(the_door),
            timer(door.timers_.emplace(door.timers_.end(), door.io_,
                                       boost::asio::steady_timer::time_point::max())) {}
      ~Place() { door.timers_.erase(timer); }
      Door& door;
      std::list<boost::asio::steady_timer>::iterator timer;
    };
    const Place place(*this);
    try {
      co_await place.timer->async_wait(boost::asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      if (!opened_) {
        ++cancelled_;
        throw;
      }
    }
  }
  void Open() {
    opened_ = true;
    for (auto& timer : timers_) timer.cancel();
  }
  size_t waiting() const { return timers_.size(); }
  size_t cancelled() const { return cancelled_; }

 private:
  boost::asio::io_context& io_;
  std::list<boost::asio::steady_timer> timers_;
  bool opened_ = false;
  size_t cancelled_ = 0;
};

// What an Exchange told.
struct Observed {
  Method method;
  std::string route;
  int status;
  bool whole;
  uint64_t bytes_in;
  uint64_t bytes_out;
  std::string error;
};

// A server with its own thread and the routes of AddRoutes. All but Start and the constructor may
// be called from the test's thread.
class ServerForTest {
 public:
  explicit ServerForTest(ServerOptions options = {});
  ~ServerForTest();

  uint16_t port() const { return port_; }

  // Runs `f` on the server's thread and returns what it returns.
  template <typename F>
  auto On(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    boost::asio::post(io_, std::move(task));
    return result.get();
  }
  size_t connections() {
    return On([this] { return server_->connections(); });
  }
  size_t exchanges() {
    return On([this] { return server_->exchanges(); });
  }
  size_t waiting() {
    return On([this] { return door_->waiting(); });
  }
  size_t cancelled() {
    return On([this] { return door_->cancelled(); });
  }
  void OpenDoor() {
    On([this] { door_->Open(); });
  }
  std::vector<Observed> observed() {
    return On([this] { return observed_; });
  }
  size_t chunks_made() {
    return On([this] { return chunks_made_; });
  }
  Status ReloadTls() {
    return On([this] { return server_->ReloadTls(); });
  }
  // Begins to drain; the future gets what Drain tells.
  std::future<bool> Drain(std::chrono::milliseconds wait_max);

 private:
  class Chunks;
  void AddRoutes();

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Router router_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Server> server_;
  std::vector<Observed> observed_;
  size_t chunks_made_ = 0;
  std::promise<bool> drained_;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace conntrail::http
