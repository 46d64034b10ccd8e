#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/services/http/certificate_files.h"
#include "tests/services/http/server_for_test.h"
#include "tests/support/raw_http_client.h"

namespace conntrail::http {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// A TLS client over a blocking socket. Trusts everybody.
class TlsClient {
 public:
  explicit TlsClient(uint16_t port, int version_max = 0, std::string_view alpn = "\x08http/1.1")
      : context_(SSL_CTX_new(TLS_client_method())), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_max_proto_version(context_, version_max);
    ssl_ = SSL_new(context_);
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
    SSL_set_fd(ssl_, socket_);
    open_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
            SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    close(socket_);
  }
  TlsClient(const TlsClient&) = delete;

  bool open() const { return open_; }
  std::string version() const { return SSL_get_version(ssl_); }
  std::string server_name() const {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    if (certificate == nullptr) return "";
    char name[64] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    X509_free(certificate);
    return name;
  }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  void Send(std::string_view bytes) {
    SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }
  // Until `end` came, or nothing more comes.
  std::string ReadUntil(std::string_view end) {
    std::string bytes;
    char piece[16384];
    while (bytes.find(end) == std::string::npos) {
      const int read = SSL_read(ssl_, piece, sizeof piece);
      if (read <= 0) break;
      bytes.append(piece, static_cast<size_t>(read));
    }
    return bytes;
  }
  bool EndedInOrder() {
    char byte;
    return SSL_read(ssl_, &byte, 1) == 0 && SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  int socket_;
  bool open_ = false;
};

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

class ServerTls : public testing::Test {
 protected:
  ServerTls() {
    std::string name = (std::filesystem::temp_directory_path() / "conntrail-tls-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    files_ = {(folder_ / "certificate.pem").string(), (folder_ / "key.pem").string()};
    WriteCertificate(files_, "first");
  }
  ~ServerTls() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  TlsFiles files_;
};

TEST_F(ServerTls, RequestsAreServedOverTls12And13) {
  ServerForTest server({.tls = files_});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    ASSERT_TRUE(client.open());
    EXPECT_EQ(client.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(client.protocol(), "http/1.1");
    for (int i = 0; i < 10; ++i) {
      client.Send(kHello);
      EXPECT_THAT(client.ReadUntil("hello"), HasSubstr("HTTP/1.1 200 OK"));
    }
  }
}

TEST_F(ServerTls, OlderVersionsAndOtherProtocolsAreRefused) {
  ServerForTest server({.tls = files_});
  EXPECT_FALSE(TlsClient(server.port(), TLS1_1_VERSION).open());
  EXPECT_FALSE(TlsClient(server.port(), 0, "\x02h2").open());
  EXPECT_TRUE(TlsClient(server.port(), 0, std::string_view("\x02h2\x08http/1.1", 12)).open());
  EXPECT_TRUE(TlsClient(server.port(), 0, "").open());
  RawHttpClient plain(server.port());
  ASSERT_TRUE(plain.Send(kHello));
  plain.ReadToEnd();
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
}

TEST_F(ServerTls, AHandshakeThatDoesNotEndIsCut) {
  ServerForTest server({.tls = files_, .header_wait_max = 300ms});
  RawHttpClient silent(server.port());
  EXPECT_TRUE(silent.Ended());
}

TEST_F(ServerTls, LargeAnswersAndStreamsArriveWholeAndEndInOrder) {
  ServerForTest server({.tls = files_});
  TlsClient client(server.port());
  client.Send("GET /bytes/3000000 HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = client.ReadUntil(std::string(3'000'000, 'x'));
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 3'000'000u);
  client.Send("GET /stream/50/65536 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_GT(client.ReadUntil("\r\n0\r\n\r\n").size(), 50u * 65536u);
  EXPECT_TRUE(client.EndedInOrder());
}

TEST_F(ServerTls, AClientThatVanishesHasItsHandlerCancelled) {
  ServerForTest server({.tls = files_});
  {
    TlsClient client(server.port());
    client.Send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(Eventually([&] { return server.waiting() == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(server.cancelled(), 1u);
}

TEST_F(ServerTls, AWatchedConnectionIsAnsweredAndGoesOn) {
  ServerForTest server({.tls = files_});
  TlsClient client(server.port());
  client.Send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return server.waiting() == 1; }));
  std::this_thread::sleep_for(250ms);
  server.OpenDoor();
  EXPECT_THAT(client.ReadUntil("waited /wait"), HasSubstr("200 OK"));
  client.Send(kHello);
  EXPECT_THAT(client.ReadUntil("hello"), HasSubstr("200 OK"));
}

TEST_F(ServerTls, AReloadServesNewConnectionsWithTheNewCertificate) {
  ServerForTest server({.tls = files_});
  TlsClient old(server.port());
  EXPECT_EQ(old.server_name(), "first");
  WriteCertificate(files_, "second");
  ASSERT_TRUE(server.ReloadTls().ok());
  EXPECT_EQ(TlsClient(server.port()).server_name(), "second");
  old.Send(kHello);
  EXPECT_THAT(old.ReadUntil("hello"), HasSubstr("200 OK"));
}

TEST_F(ServerTls, ABadFileIsNamedAndTheOldCertificateStays) {
  ServerForTest server({.tls = files_});
  std::ofstream(files_.certificate_file) << "not a certificate";
  Status status = server.ReloadTls();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("certificate.pem"));

  // The certificate is renewed, its key is not there yet.
  const TlsFiles other{files_.certificate_file, (folder_ / "other.pem").string()};
  WriteCertificate(other, "second");
  status = server.ReloadTls();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("key.pem"));
  EXPECT_EQ(TlsClient(server.port()).server_name(), "first");

  std::filesystem::remove(files_.key_file);
  EXPECT_FALSE(server.ReloadTls().ok());
  EXPECT_EQ(TlsClient(server.port()).server_name(), "first");
}

TEST_F(ServerTls, AServerDoesNotStartWithoutItsCertificate) {
  boost::asio::io_context io;
  const Router router;
  Server server(io, {.tls = TlsFiles{"missing.pem", "missing.pem"}}, router);
  EXPECT_EQ(server.Start().status().code(), StatusCode::kInvalidArgument);
}

TEST_F(ServerTls, DrainingEndsIdleConnectionsToo) {
  ServerForTest server({.tls = files_});
  TlsClient client(server.port());
  client.Send(kHello);
  client.ReadUntil("hello");
  EXPECT_TRUE(server.Drain(10s).get());
}

}  // namespace
}  // namespace conntrail::http
