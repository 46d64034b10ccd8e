#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/client/client.h"
#include "tests/projections/store/scratch_dir.h"
#include "tests/services/client/scripted_server.h"
#include "tests/services/http/certificate_files.h"

namespace conntrail::client {
namespace {

using testing::HasSubstr;

class ClientTls : public testing::Test {
 protected:
  ClientTls() {
    http::WriteCertificate(files_, "localhost");
    server_.emplace([](const http::Request&) { return Said(200, std::string(100'000, 'x')); },
                    files_);
  }

  Result<Answer> Ask(const std::string& host, const std::string& ca_file) {
    ClientOptions options;
    options.url = ServerUrl::Parse(server_->url(host, "https")).value();
    options.ca_file = ca_file;
    options.sleep = [this](std::chrono::milliseconds) { return ++pauses_ < 10; };
    return Client(options).Send({.target = "/things"});
  }

  ScratchDir dir_;
  http::TlsFiles files_{dir_ / "tls.pem", dir_ / "tls.key"};
  std::optional<ScriptedServer> server_;
  int pauses_ = 0;
};

TEST_F(ClientTls, ItsOwnAuthorityIsTrustedIfTheFileNamesIt) {
  const auto answer = Ask("localhost", files_.certificate_file);
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->body.size(), 100'000u);
}

TEST_F(ClientTls, ACertificateOfNobodyKnownIsRefusedAtOnceWithTheRemedy) {
  const auto answer = Ask("localhost", "");
  EXPECT_EQ(answer.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(answer.status().message(), HasSubstr("ca_file"));
  EXPECT_EQ(pauses_, 0);
  EXPECT_EQ(server_->requests().size(), 0u);
}

TEST_F(ClientTls, ACertificateForAnotherNameIsRefused) {
  const auto answer = Ask("127.0.0.1", files_.certificate_file);
  EXPECT_EQ(answer.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(answer.status().message(), HasSubstr("certificate does not hold"));
  EXPECT_EQ(server_->requests().size(), 0u);
}

TEST_F(ClientTls, AFileWithoutCertificatesIsNamed) {
  const auto answer = Ask("localhost", dir_ / "nothing.pem");
  EXPECT_EQ(answer.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(answer.status().message(), HasSubstr("nothing.pem"));
}

}  // namespace
}  // namespace conntrail::client
