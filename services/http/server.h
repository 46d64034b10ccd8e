#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "events/base/result.h"
#include "events/base/status.h"
#include "services/http/message.h"
#include "services/http/router.h"

namespace conntrail::http {

// PEM files: a chain of certificates, the server's own first, and its private key.
struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
};

// An exchange that has ended, for metrics and diagnostics. The views live during the call.
struct Exchange {
  Method method = Method::kOther;
  std::string_view route;   // as given to Router::Add; "" if the path is unknown or was not read
  std::string_view target;  // as it was sent; "" if it was not read
  std::string_view id;
  std::string_view peer;
  int status = 0;                       // 499: the client had gone before there was an answer
  bool whole = true;                    // false: the answer was not written to its end
  std::chrono::nanoseconds duration{};  // from the first byte of the request to the last written
  uint64_t bytes_in = 0;                // headers and body
  uint64_t bytes_out = 0;
  std::string_view error;  // what a handler threw, or its body source returned; "" for nothing
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric, IPv4 or IPv6
  uint16_t port = 0;                  // 0: any that is free
  std::optional<TlsFiles> tls;        // none: plain HTTP

  size_t header_bytes_max = size_t{8} * 1024;  // request line and headers; more is 431
  size_t target_bytes_max = size_t{4} * 1024;  // more is 414
  size_t body_bytes_max = size_t{256} * 1024;  // more is 413
  // If set: the limit of the body of this request (its headers are read, its body is not) on
  // `route`, instead of body_bytes_max.
  std::function<size_t(const Request&, std::string_view route)> body_bytes_max_of;

  size_t connections_max = 10'000;     // one more is told 503 and closed
  size_t connection_requests_max = 0;  // after so many a connection is closed; 0: never
  std::chrono::milliseconds header_wait_max{10'000};  // from the first byte to the last; TLS too
  std::chrono::milliseconds body_wait_max{10'000};    // for the whole body, not for a byte
  std::chrono::milliseconds write_wait_max{30'000};   // for each 64 KiB written
  std::chrono::milliseconds idle_wait_max{60'000};    // between requests
  // Deadlines are looked at each 100 ms.

  FaultAnswer fault;                             // how the server words its own errors
  std::function<void(const Exchange&)> observe;  // may be empty; must be quick
  // True of an X-Request-Id that shall not be taken over: it is written down in many places.
  std::function<bool(std::string_view)> request_id_refused;
};

// An HTTP/1.1 server on an io_context that one thread runs.
//
// Keeps connections open, answers pipelined requests in order, refuses what could be read in two
// ways (see request_reading.h) and cuts off whoever is slower than the deadlines. A client that
// closes its connection, or only its sending half, while a handler or a body source waits has that
// coroutine cancelled (see RouteHandler) within about 100 ms.
//
// Each answer carries Date and X-Request-Id: the request's own one if it is 1 to 64 of
// [A-Za-z0-9._-], else one made here.
//
// Thread-safety: none. Call everything on the thread that runs `io`, or while nobody runs it. `io`
// must outlive the server, and the router too.
class Server {
 public:
  Server(boost::asio::io_context& io, ServerOptions options, const Router& router);
  ~Server();  // closes what is open; coroutines still waiting end with the io_context
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens and returns the port. kInvalidArgument: an address or certificate that is none; kIo:
  // the system refuses the port.
  Result<uint16_t> Start();

  // Accepts no more. What was accepted is answered, with `Connection: close`; idle connections are
  // closed. Calls `done` once when no connection is left: with true if all were answered, false if
  // some had to be cut off after `wait_max`. A body source that goes on for ever is one of these:
  // tell it to end. Call once.
  void Drain(std::chrono::milliseconds wait_max, std::function<void(bool all_answered)> done);

  // Reads the TLS files again. Connections accepted from now on use them; on an error the old ones
  // stay in use.
  Status ReloadTls();

  size_t connections() const;  // open now
  size_t exchanges() const;    // requests being read past their headers, handled or answered now

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace conntrail::http
