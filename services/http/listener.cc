#include "services/http/listener.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>

namespace conntrail::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr int kAcceptedAtOnceMax = 64;  // then the others' turn

}  // namespace

Listener::Listener(asio::io_context& io, Accepted accepted)
    : io_(io), acceptor_(io), back_off_(io), accepted_(std::move(accepted)) {}

Result<uint16_t> Listener::Listen(const std::string& address, uint16_t port) {
  error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec) return Status::InvalidArgument("not a numeric address: " + address);
  const asio::ip::tcp::endpoint endpoint(ip, port);
  const auto failed = [&](const char* what) {
    return Status::Io(std::string(what) + " " + address + " port " + std::to_string(port) + ": " +
                      ec.message());
  };
  if (acceptor_.open(endpoint.protocol(), ec)) return failed("cannot open a socket for");
  acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (acceptor_.bind(endpoint, ec)) return failed("cannot bind");
  if (acceptor_.listen(kBacklog, ec)) return failed("cannot listen on");
  acceptor_.non_blocking(true, ec);
  return acceptor_.local_endpoint(ec).port();
}

void Listener::Start() { asio::co_spawn(io_, Run(shared_from_this()), asio::detached); }

asio::awaitable<void> Listener::Run(std::shared_ptr<Listener> self) {
  while (self->acceptor_.is_open()) {
    const auto [ec] =
        co_await self->acceptor_.async_wait(Acceptor::wait_read, asio::as_tuple(asio::deferred));
    if (ec) co_return;  // stopped
    if (self->AcceptAll()) continue;
    self->back_off_.expires_after(kBackOff);
    co_await self->back_off_.async_wait(asio::as_tuple(asio::deferred));
  }
}

bool Listener::AcceptAll() {
  for (int i = 0; i < kAcceptedAtOnceMax; ++i) {
    Socket socket(io_);
    Acceptor::endpoint_type peer;
    error_code ec;
    acceptor_.accept(socket, peer, ec);
    if (ec == asio::error::would_block) return true;
    if (ec == asio::error::connection_aborted || ec == asio::error::interrupted) continue;
    if (ec) return false;
    accepted_(std::move(socket), peer.address().to_string(ec));
  }
  return true;
}

void Listener::Stop() {
  if (!acceptor_.is_open()) return;
  for (int i = 0; i < kBacklog; i += kAcceptedAtOnceMax) AcceptAll();
  Close();
}

void Listener::Close() {
  error_code ignored;
  acceptor_.close(ignored);
  back_off_.cancel();
}

}  // namespace conntrail::http
