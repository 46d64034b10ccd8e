#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

namespace conntrail::http {

// The bytes of one connection, whatever carries them. At most one Read and one Write at a time;
// they may overlap. Nothing throws for what the network does.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual boost::asio::awaitable<bool> Open() = 0;  // the handshake; false: it failed

  // At least one byte; 0: the other end has ended, the connection failed, or Cancel or Close.
  virtual boost::asio::awaitable<size_t> Read(boost::asio::mutable_buffer space) = 0;

  // As much as can be sent at once without waiting: often all, sometimes nothing. -1: it failed.
  virtual ptrdiff_t SendNow(std::string_view bytes) = 0;
  // All of them. False: it failed.
  virtual boost::asio::awaitable<bool> Write(std::string_view bytes) = 0;

  virtual bool has_input() = 0;                           // a Read would return at once
  virtual void Cancel() = 0;                              // ends a waiting Read or Open
  virtual boost::asio::awaitable<void> EndSending() = 0;  // what was written has arrived before it
  virtual void Close(
      bool reset) = 0;  // ends everything; reset: the other end must take it for a failure
};

// Sockets know their io_context by type: that is cheaper than any_io_executor at each operation.
using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// `tls` null: plain.
std::unique_ptr<Transport> MakeTransport(Socket socket,
                                         std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace conntrail::http
