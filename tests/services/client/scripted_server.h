#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "events/base/check.h"
#include "services/http/router.h"
#include "services/http/server.h"

namespace conntrail::client {

// A real server with a thread of its own, whose answers a test writes. `answer` runs on that
// thread, once for each request, with all that came in.
class ScriptedServer {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  explicit ScriptedServer(Answer answer, std::optional<http::TlsFiles> tls = std::nullopt)
      : answer_(std::move(answer)), work_(io_.get_executor()) {
    for (const auto method : {http::Method::kGet, http::Method::kPost, http::Method::kPut,
                              http::Method::kPatch, http::Method::kDelete}) {
      router_.Add(
          method, "/{path...}",
          [this](const http::Request& request,
                 const http::PathParameters&) -> boost::asio::awaitable<http::Response> {
            requests_.push_back({request.method, request.target, request.headers, request.body});
            co_return answer_(request);
          });
    }
    http::ServerOptions options;
    options.tls = std::move(tls);
    options.fault = http::PlainFault;
    server_ = std::make_unique<http::Server>(io_, options, router_);
    const Result<uint16_t> port = server_->Start();
    CONNTRAIL_CHECK(port.ok());
    port_ = *port;
    thread_ = std::thread([this] { io_.run(); });
  }
  ~ScriptedServer() {
    On([this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  uint16_t port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1", const char* scheme = "http") const {
    return std::string(scheme) + "://" + host + ":" + std::to_string(port_);
  }

  struct Taken {
    http::Method method;
    std::string target;
    std::vector<http::Header> headers;
    std::string body;
    std::string_view Find(std::string_view name) const {
      for (const http::Header& header : headers) {
        if (header.name == name) return header.value;
      }
      return {};
    }
  };
  std::vector<Taken> requests() {
    std::vector<Taken> taken;
    On([&] { taken = requests_; });
    return taken;
  }
  size_t connections() {
    size_t count = 0;
    On([&] { count = server_->connections(); });
    return count;
  }

 private:
  void On(std::function<void()> f) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }

  const Answer answer_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::vector<Taken> requests_;  // of the server's thread
  uint16_t port_ = 0;
  std::thread thread_;
};

inline http::Response Said(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

}  // namespace conntrail::client
