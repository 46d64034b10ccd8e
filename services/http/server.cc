#include "services/http/server.h"

#include <utility>

#include "services/http/listener.h"
#include "services/http/serving.h"
#include "services/http/session.h"
#include "services/http/tls_context.h"
#include "services/http/transport.h"

namespace conntrail::http {
namespace {

// So many above connections_max are told why; further ones are just closed.
constexpr size_t kRefusedMax = 64;

}  // namespace

struct Server::Parts {
  std::shared_ptr<Serving> serving;
  std::shared_ptr<Listener> listener;
  std::shared_ptr<boost::asio::ssl::context> tls;

  void Accept(Socket socket, std::string peer) {
    const size_t connections_max = serving->options.connections_max;
    const bool refused = serving->connections >= connections_max;
    // Told over TLS, a refusal would cost more than the service.
    if (refused && (tls != nullptr || serving->connections >= connections_max + kRefusedMax))
      return;
    Session::Start(std::make_shared<Session>(serving, MakeTransport(std::move(socket), tls),
                                             std::move(peer), refused));
  }
};

Server::Server(boost::asio::io_context& io, ServerOptions options, const Router& router)
    : parts_(std::make_unique<Parts>()) {
  parts_->serving = std::make_shared<Serving>(io, std::move(options), router);
  parts_->listener =
      std::make_shared<Listener>(io, [parts = parts_.get()](Socket socket, std::string peer) {
        parts->Accept(std::move(socket), std::move(peer));
      });
}

Server::~Server() {
  parts_->listener->Close();
  parts_->serving->Stop();
}

Result<uint16_t> Server::Start() {
  CONNTRAIL_RETURN_IF_ERROR(ReloadTls());
  const ServerOptions& options = parts_->serving->options;
  CONNTRAIL_ASSIGN_OR_RETURN(const uint16_t port,
                             parts_->listener->Listen(options.address, options.port));
  parts_->listener->Start();
  return port;
}

void Server::Drain(std::chrono::milliseconds wait_max, std::function<void(bool)> done) {
  parts_->listener->Stop();
  parts_->serving->Drain(wait_max, std::move(done));
}

Status Server::ReloadTls() {
  const auto& files = parts_->serving->options.tls;
  if (!files.has_value()) return Status::Ok();
  CONNTRAIL_ASSIGN_OR_RETURN(parts_->tls, MakeTlsContext(files->certificate_file, files->key_file));
  return Status::Ok();
}

size_t Server::connections() const { return parts_->serving->connections; }
size_t Server::exchanges() const { return parts_->serving->exchanges; }

}  // namespace conntrail::http
