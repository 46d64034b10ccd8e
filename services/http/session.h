#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "services/http/chunked_body.h"
#include "services/http/request_reading.h"
#include "services/http/serving.h"
#include "services/http/transport.h"

namespace conntrail::http {

// One connection: reads requests and answers them one after the other, until either side ends it.
//
// The coroutine Run does all of it. While it waits for the application (a handler or a body source)
// for longer than a tick, a second coroutine, Watch, reads ahead, so that a client that vanishes is
// noticed; quick answers never pay for it.
class Session : public std::enable_shared_from_this<Session>, public SessionHook {
 public:
  // `refused`: tells the client 503 and ends, as there are too many connections.
  Session(std::shared_ptr<Serving> serving, std::unique_ptr<Transport> transport, std::string peer,
          bool refused);
  ~Session();

  static void Start(const std::shared_ptr<Session>& session);

  void Tick(Serving::Clock::time_point now);   // looks at the deadline; begins to watch
  void Drain(Serving::Clock::time_point now);  // ends as soon as nothing is owed to the client
  void Abort();                                // ends now

 private:
  using Clock = Serving::Clock;
  enum class Phase { kOpening, kIdle, kHead, kBody, kApplication, kWriting, kLingering };
  enum class Step { kGo, kRefuse, kEnd };  // on; answer refusal_ and end; end without a word

  static boost::asio::awaitable<void> Run(std::shared_ptr<Session> self);
  static boost::asio::awaitable<void> Watch(std::shared_ptr<Session> self);
  boost::asio::awaitable<void> Serve();

  // session_reading.cc
  boost::asio::awaitable<Step> ReadHead();
  boost::asio::awaitable<Step> ReadBody();
  boost::asio::awaitable<Step> ReadWhole(uint64_t bytes);
  boost::asio::awaitable<Step> ReadChunks(size_t bytes_max);
  boost::asio::awaitable<bool> Fill(size_t bytes);
  boost::asio::awaitable<size_t> Read(char* space, size_t bytes);
  Step HeadEnded(size_t head_bytes);
  Step InputEnded();
  void TakeRequestId();
  size_t BodyBytesMax();

  // session_writing.cc
  boost::asio::awaitable<Step> Answer();
  boost::asio::awaitable<Response> Ask();
  boost::asio::awaitable<bool> WriteAnswer(Response response);
  boost::asio::awaitable<bool> WriteStream(BodySource& source, bool chunked);
  boost::asio::awaitable<bool> Send(std::string_view bytes);
  boost::asio::awaitable<void> Refuse();
  boost::asio::awaitable<void> Linger();
  void Finish(bool whole);

  Clock::time_point Enter(Phase phase, std::chrono::milliseconds wait_max);  // returns now
  void Vanished();
  std::string_view input() const;

  const std::shared_ptr<Serving> serving_;
  const std::unique_ptr<Transport> transport_;
  const bool refused_;

  Phase phase_ = Phase::kOpening;
  Clock::time_point deadline_;
  bool timed_out_ = false;  // what was read for did not come in time
  bool ending_ = false;     // drained while idle
  bool vanished_ = false;   // the client, while the application was asked; or Abort
  boost::asio::cancellation_signal vanishing_;

  boost::beast::flat_buffer buffer_;  // what was read and not used
  HeadScanner scanner_;
  ChunkedBody chunks_;
  Framing framing_;
  Request request_;
  Router::Match match_;
  Refusal refusal_;
  std::string out_;
  size_t requests_ = 0;

  // The exchange that is under way.
  bool exchange_open_ = false;
  bool keep_alive_ = false;
  int status_ = 0;
  Clock::time_point started_;
  uint64_t bytes_in_ = 0;
  uint64_t bytes_out_ = 0;
  std::string error_;

  // What Watch has read ahead, of [ahead_begin_, ahead_end_).
  std::string ahead_;
  size_t ahead_begin_ = 0;
  size_t ahead_end_ = 0;
  bool watching_ = false;
  bool input_ended_ = false;
  boost::asio::steady_timer watch_ended_;  // never expires; cancelled when Watch ends
};

}  // namespace conntrail::http
