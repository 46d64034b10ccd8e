#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "services/client/server_url.h"
#include "services/http/message.h"

namespace conntrail::client {

struct UpstreamOptions {
  ServerUrl url;
  std::string ca_file;  // PEM; "": the certificates that the system trusts
  std::chrono::milliseconds connect_wait_max{2'000};
  std::chrono::milliseconds answer_wait_max{60'000};  // for its beginning, and between its pieces
  size_t idle_max = 16;                               // connections kept open for the next request
};

// What became of a request that was passed on.
struct Passed {
  enum class Fate {
    kAnswered,
    kNotSent,  // the other server certainly has not acted on it
    kUnknown,  // it may have
  };
  Fate fate = Fate::kNotSent;
  http::Response
      response;        // if kAnswered; a long body is read from the other server piece by piece
  std::string detail;  // else: what happened
};

// Another server, to which requests are passed on as they came: method, target, headers and body,
// without what concerns one connection alone (RFC 9110, section 7.6.1).
//
// Thread-safety: none; all of it belongs to the thread of `io`, which must outlive it. Bodies that
// are still read may outlive it.
class Upstream {
 public:
  Upstream(boost::asio::io_context& io, UpstreamOptions options);
  ~Upstream();

  const ServerUrl& url() const { return options_.url; }

  // `added` come on top of the request's own headers, and instead of those of their names. A GET
  // that a kept connection breaks off is sent again on a new one.
  boost::asio::awaitable<Passed> Pass(const http::Request& request,
                                      const std::vector<http::Header>& added);

 private:
  class Line;
  template <typename Stream>
  class LineOf;
  class PiecewiseBody;
  struct Idle;

  Result<std::unique_ptr<Line>> NewLine();
  boost::asio::awaitable<Passed> PassOver(std::unique_ptr<Line> line, const http::Request& request,
                                          const std::string& text);

  boost::asio::io_context& io_;
  const UpstreamOptions options_;
  std::shared_ptr<Idle> idle_;  // outlives this as long as a body is read
};

}  // namespace conntrail::client
