#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/services/http/server_for_test.h"

namespace conntrail::http {
namespace {

namespace asio = boost::asio;

Response Text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

}  // namespace

// `count` chunks of `bytes`; then, as `then` says, the end, an error, an exception or a wait.
class ServerForTest::Chunks final : public BodySource {
 public:
  enum class Then { kEnd, kError, kThrow, kWait };
  Chunks(ServerForTest& server, size_t count, size_t bytes, Then then)
      : server_(server), count_(count), bytes_(bytes), then_(then) {}

  asio::awaitable<Result<bool>> Next(std::string& chunk) override {
    if (made_ < count_) {
      ++made_;
      ++server_.chunks_made_;
      chunk.assign(bytes_, static_cast<char>('a' + made_ % 26));
      co_return true;
    }
    if (then_ == Then::kError) co_return Status::Io("the disk is gone");
    if (then_ == Then::kThrow) throw std::runtime_error("thrown while streaming");
    if (then_ == Then::kWait) co_await server_.door_->Wait();
    co_return false;
  }

 private:
  ServerForTest& server_;
  const size_t count_;
  const size_t bytes_;
  const Then then_;
  size_t made_ = 0;
};

ServerForTest::ServerForTest(ServerOptions options)
    : work_(io_.get_executor()), door_(std::make_unique<Door>(io_)) {
  AddRoutes();
  options.observe = [this](const Exchange& e) {
    observed_.push_back({e.method, std::string(e.route), e.status, e.whole, e.bytes_in, e.bytes_out,
                         std::string(e.error)});
  };
  server_ = std::make_unique<Server>(io_, std::move(options), router_);
  const Result<uint16_t> port = server_->Start();
  EXPECT_TRUE(port.ok()) << port.status().ToString();
  if (port.ok()) port_ = *port;
  thread_ = std::thread([this] { io_.run(); });
}

ServerForTest::~ServerForTest() {
  On([this] {
    server_.reset();
    door_->Open();
  });
  work_.reset();
  thread_.join();  // run() returns only when no connection and no handler is left
}

std::future<bool> ServerForTest::Drain(std::chrono::milliseconds wait_max) {
  On([this, wait_max] {
    server_->Drain(wait_max, [this](bool all_answered) { drained_.set_value(all_answered); });
  });
  return drained_.get_future();
}

void ServerForTest::AddRoutes() {
  using Then = Chunks::Then;
  router_.Add(Method::kGet, "/hello",
              [](const Request&, const PathParameters&) -> asio::awaitable<Response> {
                co_return Text("hello");
              });
  router_.Add(Method::kGet, "/name/{name}",
              [](const Request&, const PathParameters& path) -> asio::awaitable<Response> {
                co_return Text(std::string(path["name"]));
              });
  router_.Add(Method::kPost, "/echo",
              [](const Request& request, const PathParameters&) -> asio::awaitable<Response> {
                co_return Text(request.body);
              });
  router_.Add(Method::kPost, "/large",
              [](const Request& request, const PathParameters&) -> asio::awaitable<Response> {
                co_return Text(std::to_string(request.body.size()));
              });
  router_.Add(Method::kGet, "/bytes/{count}",
              [](const Request&, const PathParameters& path) -> asio::awaitable<Response> {
                co_return Text(std::string(std::stoul(std::string(path["count"])), 'x'));
              });
  router_.Add(Method::kGet, "/none",
              [](const Request&, const PathParameters&) -> asio::awaitable<Response> {
                Response response;
                response.status = 204;
                co_return response;
              });
  router_.Add(Method::kGet, "/throw",
              [](const Request&, const PathParameters&) -> asio::awaitable<Response> {
                throw std::runtime_error("thrown by a handler");
                co_return Response{};
              });
  router_.Add(Method::kGet, "/wait",
              [this](const Request& request, const PathParameters&) -> asio::awaitable<Response> {
                co_await door_->Wait();
                co_return Text("waited " + request.target);
              });
  for (const auto& [pattern, then] : {std::pair{"/stream/{count}/{bytes}", Then::kEnd},
                                      {"/error/{count}/{bytes}", Then::kError},
                                      {"/thrown/{count}/{bytes}", Then::kThrow},
                                      {"/idle/{count}/{bytes}", Then::kWait}}) {
    router_.Add(Method::kGet, pattern,
                [this, then = then](const Request&,
                                    const PathParameters& path) -> asio::awaitable<Response> {
                  Response response = Text("");
                  response.source =
                      std::make_unique<Chunks>(*this, std::stoul(std::string(path["count"])),
                                               std::stoul(std::string(path["bytes"])), then);
                  co_return response;
                });
  }
}

}  // namespace conntrail::http
