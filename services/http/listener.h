#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/steady_timer.hpp>

#include "events/base/result.h"
#include "services/http/transport.h"

namespace conntrail::http {

// Accepts connections of one port and hands them on. If the process runs out of file descriptors or
// the system of memory, it waits kBackOff between attempts, instead of spinning.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  static constexpr std::chrono::milliseconds kBackOff{100};
  using Accepted = std::function<void(Socket socket, std::string peer)>;

  Listener(boost::asio::io_context& io, Accepted accepted);

  // Listens and returns the port. kInvalidArgument: no such address; kIo: the system refuses.
  Result<uint16_t> Listen(const std::string& address, uint16_t port);
  void Start();
  // Accepts what the system has accepted for us already, then listens no more.
  void Stop();
  void Close();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;

  static boost::asio::awaitable<void> Run(std::shared_ptr<Listener> self);
  // False: the system has not what a connection needs.
  bool AcceptAll();

  boost::asio::io_context& io_;
  Acceptor acceptor_;
  boost::asio::steady_timer back_off_;
  Accepted accepted_;
};

}  // namespace conntrail::http
