#include "services/client/upstream.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>

namespace conntrail::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kPieceBytes = size_t{64} * 1024;
constexpr std::chrono::seconds kIdleMax{20};  // shorter than what servers wait

using Parser = beast::http::response_parser<beast::http::buffer_body>;

bool IsOfOneConnection(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "connection", "content-length",   "date", "expect",  "host",
      "keep-alive", "proxy-connection", "te",   "trailer", "transfer-encoding",
      "upgrade",    "x-request-id"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::string LowerCase(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string TextOf(const http::Request& request, const ServerUrl& url,
                   const std::vector<http::Header>& added) {
  std::string text = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nX-Request-Id: {}\r\n",
                                 http::MethodName(request.method), url.base, request.target,
                                 url.Authority(), request.id);
  const auto is_added = [&](std::string_view name) {
    return std::any_of(added.begin(), added.end(),
                       [&](const http::Header& header) { return LowerCase(header.name) == name; });
  };
  for (const http::Header& header : request.headers) {
    if (IsOfOneConnection(header.name) || is_added(header.name)) continue;
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  for (const http::Header& header : added) {
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  const bool may_have_body =
      request.method != http::Method::kGet && request.method != http::Method::kHead;
  if (may_have_body || !request.body.empty()) {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  text += "\r\n";
  text += request.body;
  return text;
}

}  // namespace

// One connection to the other server. Each call waits as long as the options say.
class Upstream::Line {
 public:
  virtual ~Line() = default;

  virtual asio::awaitable<error_code> Open() = 0;
  virtual asio::awaitable<error_code> Write(std::string_view bytes) = 0;
  virtual asio::awaitable<error_code> ReadHead(Parser& parser) = 0;
  virtual asio::awaitable<error_code> ReadSome(Parser& parser) = 0;

  bool used = false;
  std::chrono::steady_clock::time_point idle_since;
};

struct Upstream::Idle {
  std::deque<std::unique_ptr<Line>> lines;  // the one used last at the back
  size_t lines_max = 0;

  std::unique_ptr<Line> Take() {
    const auto now = std::chrono::steady_clock::now();
    while (!lines.empty() && now - lines.front()->idle_since > kIdleMax) lines.pop_front();
    if (lines.empty()) return nullptr;
    std::unique_ptr<Line> line = std::move(lines.back());
    lines.pop_back();
    return line;
  }

  void Put(std::unique_ptr<Line> line) {
    line->idle_since = std::chrono::steady_clock::now();
    line->used = true;
    if (lines.size() >= lines_max) lines.pop_front();
    lines.push_back(std::move(line));
  }
};

// `Stream` is a socket with deadlines, or TLS over one.
template <typename Stream>
class Upstream::LineOf final : public Line {
 public:
  LineOf(asio::io_context& io, const UpstreamOptions& options,
         std::shared_ptr<asio::ssl::context> tls)
      : io_(io), options_(options), tls_(std::move(tls)), stream_(Make(io, tls_)) {}

  asio::awaitable<error_code> Open() override {
    error_code error;
    tcp::resolver resolver(io_);
    const auto addresses =
        co_await resolver.async_resolve(options_.url.host, std::to_string(options_.url.port),
                                        asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
    socket().expires_after(options_.connect_wait_max);
    co_await socket().async_connect(addresses, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
    socket().socket().set_option(tcp::no_delay(true), error);
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      stream_.set_verify_mode(asio::ssl::verify_peer);
      stream_.set_verify_callback(asio::ssl::host_name_verification(options_.url.host));
      SSL_set_tlsext_host_name(stream_.native_handle(), options_.url.host.c_str());
      co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                       asio::redirect_error(asio::use_awaitable, error));
    }
    co_return error;
  }

  asio::awaitable<error_code> Write(std::string_view bytes) override {
    error_code error;
    socket().expires_after(options_.answer_wait_max);
    co_await asio::async_write(stream_, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<error_code> ReadHead(Parser& parser) override {
    error_code error;
    socket().expires_after(options_.answer_wait_max);
    co_await beast::http::async_read_header(stream_, buffer_, parser,
                                            asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<error_code> ReadSome(Parser& parser) override {
    error_code error;
    socket().expires_after(options_.answer_wait_max);
    co_await beast::http::async_read_some(stream_, buffer_, parser,
                                          asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

 private:
  static Stream Make(asio::io_context& io, const std::shared_ptr<asio::ssl::context>& tls) {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      return Stream(io);
    } else {
      return Stream(io, *tls);
    }
  }
  beast::tcp_stream& socket() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      return stream_;
    } else {
      return stream_.next_layer();
    }
  }

  asio::io_context& io_;
  const UpstreamOptions options_;
  const std::shared_ptr<asio::ssl::context> tls_;
  Stream stream_;
  beast::flat_buffer buffer_;
};

// A body that is passed through as it comes; after its end the connection is kept.
class Upstream::PiecewiseBody final : public http::BodySource {
 public:
  PiecewiseBody(std::unique_ptr<Line> line, std::unique_ptr<Parser> parser,
                std::shared_ptr<Idle> idle)
      : line_(std::move(line)), parser_(std::move(parser)), idle_(std::move(idle)) {}

  asio::awaitable<Result<bool>> Next(std::string& chunk) override {
    chunk.clear();
    while (chunk.empty() && !parser_->is_done()) {
      chunk.resize(kPieceBytes);
      auto& body = parser_->get().body();
      body.data = chunk.data();
      body.size = chunk.size();
      body.more = true;
      error_code error = co_await line_->ReadSome(*parser_);
      if (error == beast::http::error::need_buffer) error = {};
      chunk.resize(chunk.size() - body.size);
      if (error) co_return Status::Unavailable("the other server broke off: " + error.message());
    }
    if (!chunk.empty()) co_return true;
    if (line_ != nullptr && parser_->keep_alive()) idle_->Put(std::move(line_));
    co_return false;
  }

 private:
  std::unique_ptr<Line> line_;
  const std::unique_ptr<Parser> parser_;
  const std::shared_ptr<Idle> idle_;
};

Upstream::Upstream(asio::io_context& io, UpstreamOptions options)
    : io_(io), options_(std::move(options)), idle_(std::make_shared<Idle>()) {
  idle_->lines_max = options_.idle_max;
}

Upstream::~Upstream() { idle_->lines.clear(); }

Result<std::unique_ptr<Upstream::Line>> Upstream::NewLine() {
  std::unique_ptr<Line> line;
  if (!options_.url.tls) {
    line = std::make_unique<LineOf<beast::tcp_stream>>(io_, options_, nullptr);
    return line;
  }
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  if (options_.ca_file.empty()) {
    tls->set_default_verify_paths(error);
  } else {
    tls->load_verify_file(options_.ca_file, error);
  }
  if (error) return Status::InvalidArgument(options_.ca_file + ": " + error.message());
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  line = std::make_unique<LineOf<beast::ssl_stream<beast::tcp_stream>>>(io_, options_, tls);
  return line;
}

asio::awaitable<Passed> Upstream::Pass(const http::Request& request,
                                       const std::vector<http::Header>& added) {
  const std::string text = TextOf(request, options_.url, added);
  const bool may_repeat =
      request.method == http::Method::kGet || request.method == http::Method::kHead;
  if (std::unique_ptr<Line> kept = idle_->Take()) {
    Passed passed = co_await PassOver(std::move(kept), request, text);
    if (passed.fate == Passed::Fate::kAnswered || !may_repeat) co_return passed;
  }
  Result<std::unique_ptr<Line>> line = NewLine();
  Passed failed;
  if (!line.ok()) {
    failed.detail = line.status().message();
    co_return failed;
  }
  const error_code error = co_await (*line)->Open();
  if (error) {
    failed.detail = error.message();
    co_return failed;
  }
  co_return co_await PassOver(std::move(*line), request, text);
}

asio::awaitable<Passed> Upstream::PassOver(std::unique_ptr<Line> line, const http::Request& request,
                                           const std::string& text) {
  Passed passed;
  passed.fate = Passed::Fate::kUnknown;
  auto parser = std::make_unique<Parser>();
  parser->body_limit(boost::none);
  if (request.method == http::Method::kHead) parser->skip(true);
  error_code error = co_await line->Write(text);
  if (!error) error = co_await line->ReadHead(*parser);
  if (error) {
    passed.detail = error.message();
    co_return passed;
  }
  const auto& head = parser->get();
  passed.fate = Passed::Fate::kAnswered;
  http::Response& response = passed.response;
  response.status = static_cast<int>(head.result_int());
  for (const auto& field : head) {
    const std::string name = LowerCase({field.name_string().data(), field.name_string().size()});
    std::string value(field.value());
    if (name == "content-type") {
      response.content_type = std::move(value);
    } else if (!IsOfOneConnection(name)) {
      response.headers.push_back({std::string(field.name_string()), std::move(value)});
    }
  }
  const auto length = parser->content_length();
  auto body = std::make_unique<PiecewiseBody>(std::move(line), std::move(parser), idle_);
  if (!length || *length > kPieceBytes) {
    response.source = std::move(body);
    co_return passed;
  }
  std::string chunk;
  while (true) {
    const Result<bool> more = co_await body->Next(chunk);
    if (!more.ok()) {
      passed.fate = Passed::Fate::kUnknown;
      passed.detail = more.status().message();
      co_return passed;
    }
    if (!*more) co_return passed;
    response.body += chunk;
  }
}

}  // namespace conntrail::client
