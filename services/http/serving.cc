#include "services/http/serving.h"

#include <array>
#include <random>
#include <utility>

#include <boost/asio/post.hpp>

#include "services/http/session.h"

namespace conntrail::http {

Serving::Serving(boost::asio::io_context& the_io, ServerOptions the_options,
                 const Router& the_router)
    : io(the_io),
      options(std::move(the_options)),
      router(the_router),
      tick_(the_io),
      request_ids_((static_cast<uint64_t>(std::random_device{}()) << 32) | std::random_device{}()) {
}

Serving::~Serving() = default;

void Serving::Add(Session& session) {
  sessions_.push_back(session);
  ++connections;
  ScheduleTick();
}

void Serving::Remove() {
  if (--connections > 0) return;
  tick_.cancel();  // so that the io_context can end
  ticking_ = false;
  if (done_ != nullptr) Drained(true);
}

void Serving::ScheduleTick() {
  if (ticking_) return;
  ticking_ = true;
  tick_.expires_after(kTick);
  tick_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
    if (ec) return;
    if (const auto self = weak.lock()) self->Tick();
  });
}

void Serving::Tick() {
  ticking_ = false;
  const Clock::time_point now = Clock::now();
  if (done_ != nullptr && now >= drained_by_) {
    AbortAll();
    return Drained(false);
  }
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->Tick(now);
  if (!sessions_.empty()) ScheduleTick();
}

void Serving::Drain(std::chrono::milliseconds wait_max, std::function<void(bool)> done) {
  draining = true;
  drained_by_ = Clock::now() + wait_max;
  done_ = std::move(done);
  const Clock::time_point now = Clock::now();
  for (Session& session : sessions_) session.Drain(now);
  if (connections == 0) Drained(true);
}

// Posted, so that nothing of ours is on the stack when the owner destroys the server.
void Serving::Drained(bool all_answered) {
  boost::asio::post(io,
                    [done = std::exchange(done_, nullptr), all_answered] { done(all_answered); });
}

void Serving::Stop() {
  done_ = nullptr;
  draining = true;
  tick_.cancel();
  AbortAll();
}

void Serving::AbortAll() {
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->Abort();  // it may die of it
}

Response Serving::Fault(int status, std::string_view text, std::string_view target) const {
  return options.fault ? options.fault(status, text, target) : PlainFault(status, text, target);
}

// 16 hex digits; unlike each other as long as the process lives (splitmix64 is a permutation), and
// not to be guessed from the time.
void Serving::MakeRequestId(std::string& id) {
  uint64_t x = request_ids_ += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  x ^= x >> 31;
  static constexpr std::string_view kHex = "0123456789abcdef";
  id.resize(16);
  for (char& digit : id) {
    digit = kHex[x >> 60];
    x <<= 4;
  }
}

}  // namespace conntrail::http
