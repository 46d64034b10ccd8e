#include "services/client/wire.h"

#include <optional>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace conntrail::client {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Runs what was started on `io` until it is done. Past the deadline `stop` must end it.
template <typename Stop>
bool RunUntil(asio::io_context& io, Deadline deadline, const bool& done, const Stop& stop) {
  io.restart();
  while (!done && io.run_one_until(deadline) > 0) {
  }
  if (done) return true;
  stop();
  io.restart();
  while (!done && io.run_one() > 0) {
  }
  return false;
}

Status Failed(std::string_view doing, const error_code& error) {
  return Status::Unavailable(fmt::format("{}: {}", doing, error.message()));
}

Status TooLate(std::string_view doing) {
  return Status::Unavailable(fmt::format("{}: no answer in time", doing));
}

// Resolves the name and connects to one of its addresses.
Status Connect(asio::io_context& io, tcp::socket& socket, const ServerUrl& url, Deadline deadline) {
  tcp::resolver resolver(io);
  error_code error;
  bool done = false;
  tcp::resolver::results_type addresses;
  resolver.async_resolve(url.host, std::to_string(url.port), tcp::resolver::numeric_service,
                         [&](const error_code& ec, tcp::resolver::results_type found) {
                           error = ec;
                           addresses = std::move(found);
                           done = true;
                         });
  if (!RunUntil(io, deadline, done, [&] { resolver.cancel(); })) {
    return TooLate("its name could not be resolved");
  }
  if (error) return Failed("its name could not be resolved", error);
  done = false;
  asio::async_connect(socket, addresses, [&](const error_code& ec, const tcp::endpoint&) {
    error = ec;
    done = true;
  });
  error_code ignored;
  if (!RunUntil(io, deadline, done, [&] { socket.close(ignored); })) {
    return TooLate("it could not be reached");
  }
  if (error) return Failed("it could not be reached", error);
  socket.set_option(tcp::no_delay(true), ignored);
  return Status::Ok();
}

// What both kinds have in common: `Stream` is a socket, or TLS over one.
template <typename Stream>
class StreamWire : public Wire {
 public:
  Status Write(std::string_view bytes, Deadline deadline) override {
    error_code error;
    bool done = false;
    asio::async_write(stream(), asio::buffer(bytes), [&](const error_code& ec, size_t) {
      error = ec;
      done = true;
    });
    if (!Run(deadline, done)) return TooLate("it does not take the request");
    return error ? Failed("the request could not be sent", error) : Status::Ok();
  }

  Result<size_t> Read(std::span<char> space, Deadline deadline) override {
    error_code error;
    bool done = false;
    size_t count = 0;
    stream().async_read_some(asio::buffer(space.data(), space.size()),
                             [&](const error_code& ec, size_t bytes) {
                               error = ec;
                               count = bytes;
                               done = true;
                             });
    if (!Run(deadline, done)) return TooLate("it does not answer");
    // A server that ends TLS without saying so: whether the answer is whole, its framing tells.
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return size_t{0};
    if (error) return Failed("the answer could not be read", error);
    return count;
  }

 protected:
  virtual Stream& stream() = 0;
  virtual tcp::socket& socket() = 0;

  bool Run(Deadline deadline, const bool& done) {
    return RunUntil(io_, deadline, done, [this] {
      error_code ignored;
      socket().close(ignored);
    });
  }

  asio::io_context io_{1};
};

class PlainWire final : public StreamWire<tcp::socket> {
 public:
  Status Open(const ServerUrl& url, Deadline deadline) {
    return Connect(io_, socket_, url, deadline);
  }

 private:
  tcp::socket& stream() override { return socket_; }
  tcp::socket& socket() override { return socket_; }

  tcp::socket socket_{io_};
};

class TlsWire final : public StreamWire<asio::ssl::stream<tcp::socket>> {
 public:
  Status Open(const WireOptions& options, Deadline deadline) {
    CONNTRAIL_RETURN_IF_ERROR(TakeAuthorities(options.ca_file));
    const std::string& host = options.url.host;
    stream_.emplace(io_, context_);
    stream_->set_verify_mode(asio::ssl::verify_peer);
    stream_->set_verify_callback(asio::ssl::host_name_verification(host));
    // An address is no name to ask for (RFC 6066).
    error_code is_name;
    asio::ip::make_address(host, is_name);
    if (is_name) SSL_set_tlsext_host_name(stream_->native_handle(), host.c_str());
    CONNTRAIL_RETURN_IF_ERROR(Connect(io_, socket(), options.url, deadline));
    return Shake(deadline);
  }

 private:
  asio::ssl::stream<tcp::socket>& stream() override { return *stream_; }
  tcp::socket& socket() override { return stream_->next_layer(); }

  Status TakeAuthorities(const std::string& ca_file) {
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    error_code error;
    if (ca_file.empty()) {
      context_.set_default_verify_paths(error);
    } else {
      context_.load_verify_file(ca_file, error);
    }
    if (!error) return Status::Ok();
    return Status::InvalidArgument(
        fmt::format("{} holds no certificates that can be read (PEM): {}",
                    ca_file.empty() ? "the system's store" : ca_file, error.message()));
  }

  Status Shake(Deadline deadline) {
    error_code error;
    bool done = false;
    stream_->async_handshake(asio::ssl::stream_base::client, [&](const error_code& ec) {
      error = ec;
      done = true;
    });
    if (!Run(deadline, done)) return TooLate("TLS could not be agreed on");
    if (!error) return Status::Ok();
    const long verified = SSL_get_verify_result(stream_->native_handle());
    const bool is_refused = error.category() == asio::error::get_ssl_category() &&
                            ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
                                SSL_R_CERTIFICATE_VERIFY_FAILED;
    if (!is_refused) return Failed("TLS could not be agreed on", error);
    return Status::FailedPrecondition(fmt::format(
        "its certificate does not hold: {}; ca_file in the profile, or --ca-file, names "
        "who is trusted instead of the system's authorities",
        verified == X509_V_OK ? "it is for another name"
                              : X509_verify_cert_error_string(verified)));
  }

  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::optional<asio::ssl::stream<tcp::socket>> stream_;
};

}  // namespace

Result<std::unique_ptr<Wire>> OpenWire(const WireOptions& options, Deadline deadline) {
  if (!options.url.tls) {
    auto wire = std::make_unique<PlainWire>();
    CONNTRAIL_RETURN_IF_ERROR(wire->Open(options.url, deadline));
    return std::unique_ptr<Wire>(std::move(wire));
  }
  auto wire = std::make_unique<TlsWire>();
  CONNTRAIL_RETURN_IF_ERROR(wire->Open(options, deadline));
  return std::unique_ptr<Wire>(std::move(wire));
}

}  // namespace conntrail::client
