#include "services/http/tls_context.h"

#include <string_view>

#include <openssl/ssl.h>

namespace conntrail::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr std::string_view kProtocols = "\x08http/1.1";  // as ALPN lists them: length, name

// Chooses http/1.1. A client that speaks ALPN and not http/1.1 would not understand our answers:
// the handshake fails, as RFC 7301 wants it.
int ChooseProtocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_bytes,
                   const unsigned char* offered, unsigned int offered_bytes, void* /*unused*/) {
  const auto* const own = reinterpret_cast<const unsigned char*>(kProtocols.data());
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_bytes, own, kProtocols.size(), offered, offered_bytes) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Status Refuse(const std::string& file, const error_code& ec) {
  return Status::InvalidArgument(file + ": " + ec.message());
}

}  // namespace

Result<std::shared_ptr<ssl::context>> MakeTlsContext(const std::string& certificate_file,
                                                     const std::string& key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  error_code ec;
  context->use_certificate_chain_file(certificate_file, ec);
  if (ec) return Refuse(certificate_file, ec);
  context->use_private_key_file(key_file, ssl::context::pem, ec);  // and that they belong together
  if (ec) return Refuse(key_file, ec);

  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections hold no 32 KiB
  SSL_CTX_set_alpn_select_cb(native, ChooseProtocol, nullptr);
  return context;
}

}  // namespace conntrail::http
