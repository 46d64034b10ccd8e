// The one place that instantiates stream operations: they compile slowly.
#include "services/http/transport.h"

#include <cerrno>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

namespace conntrail::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Errors as values: a read that throws inside `a || b` would be passed over.
constexpr auto kAsTuple = asio::as_tuple(asio::deferred);

void CloseSocket(Socket& socket, bool reset) {
  error_code ignored;
  if (reset) socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<bool> Open() override { co_return true; }

  asio::awaitable<size_t> Read(asio::mutable_buffer space) override {
    const auto [ec, bytes] = co_await socket_.async_read_some(space, kAsTuple);
    co_return ec ? 0 : bytes;
  }

  ptrdiff_t SendNow(std::string_view bytes) override {
    for (;;) {
      const ssize_t sent =
          ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) return sent;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
      if (errno != EINTR) return -1;
    }
  }

  asio::awaitable<bool> Write(std::string_view bytes) override {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [ec, sent] = co_await asio::async_write(socket_, buffer, kAsTuple);
    co_return !ec;
  }

  bool has_input() override {
    error_code ignored;
    return socket_.available(ignored) > 0;
  }
  void Cancel() override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  asio::awaitable<void> EndSending() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    co_return;
  }
  void Close(bool reset) override { CloseSocket(socket_, reset); }

 private:
  Socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, std::shared_ptr<asio::ssl::context> tls)
      : tls_(std::move(tls)), stream_(std::move(socket), *tls_) {}

  asio::awaitable<bool> Open() override {
    const auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAsTuple);
    co_return !ec;
  }

  asio::awaitable<size_t> Read(asio::mutable_buffer space) override {
    const auto [ec, bytes] = co_await stream_.async_read_some(space, kAsTuple);
    co_return ec ? 0 : bytes;
  }

  ptrdiff_t SendNow(std::string_view /*bytes*/) override { return 0; }

  asio::awaitable<bool> Write(std::string_view bytes) override {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [ec, sent] = co_await asio::async_write(stream_, buffer, kAsTuple);
    co_return !ec;
  }

  bool has_input() override {
    error_code ignored;
    return SSL_pending(stream_.native_handle()) > 0 || stream_.next_layer().available(ignored) > 0;
  }
  void Cancel() override {
    error_code ignored;
    stream_.next_layer().cancel(ignored);
  }
  asio::awaitable<void> EndSending() override {
    [[maybe_unused]] const auto [ec] = co_await stream_.async_shutdown(kAsTuple);
    error_code ignored;
    stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
  }
  void Close(bool reset) override { CloseSocket(stream_.next_layer(), reset); }

 private:
  std::shared_ptr<asio::ssl::context> tls_;  // that of the time of its accept
  asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::unique_ptr<Transport> MakeTransport(Socket socket, std::shared_ptr<asio::ssl::context> tls) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (tls == nullptr) return std::make_unique<PlainTransport>(std::move(socket));
  return std::make_unique<TlsTransport>(std::move(socket), std::move(tls));
}

}  // namespace conntrail::http
