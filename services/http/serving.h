#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "services/http/response_writing.h"
#include "services/http/server.h"

namespace conntrail::http {

class Session;
using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// What all connections of one server share. Lives as long as the last of them.
//
// One timer looks at the deadlines of all sessions each kTick while there are any: cheaper than a
// timer for each read and write.
class Serving : public std::enable_shared_from_this<Serving> {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kTick{100};

  Serving(boost::asio::io_context& io, ServerOptions options, const Router& router);
  ~Serving();

  // `session` is linked until it dies.
  void Add(Session& session);
  void Remove();  // the dying session calls it

  // No new exchanges; `done` as in Server::Drain.
  void Drain(std::chrono::milliseconds wait_max, std::function<void(bool)> done);
  void Stop();  // cuts all off, and calls nobody any more

  Response Fault(int status, std::string_view text, std::string_view target) const;
  void MakeRequestId(std::string& id);

  boost::asio::io_context& io;
  const ServerOptions options;
  const Router& router;
  DateText date;
  bool draining = false;
  size_t connections = 0;
  size_t exchanges = 0;

 private:
  void ScheduleTick();
  void Tick();
  void AbortAll();
  void Drained(bool all_answered);

  boost::intrusive::list<Session, boost::intrusive::base_hook<SessionHook>,
                         boost::intrusive::constant_time_size<false>>
      sessions_;
  boost::asio::steady_timer tick_;
  bool ticking_ = false;
  Clock::time_point drained_by_{};
  std::function<void(bool)> done_;
  uint64_t request_ids_;
};

}  // namespace conntrail::http
